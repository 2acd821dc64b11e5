package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.DOUBLE_CONTRIBUTION;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.MISSING_CONTRIBUTION;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.MIXED_CHUNKS;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.READ_UNDEFINED;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.WRONG_RESULT;

import java.util.BitSet;

/// Runs a schedule set on symbols: what each chunk of memory holds is a chunk number and an
/// expression tree over the ranks that contributed.
///
/// One run proves all runs if the set has no races, because then every read sees the same write in
/// every run. O(steps
/// * ranks / 64).
final class ContributionState {
  /// Content of memory that nobody has written.
  private static final long UNDEFINED = 0;

  /// Content that a reported defect has spoilt; causes no further reports.
  private static final long SPOILT = -1;

  private final StepTable table;
  private final Messages messages;
  private final ChunkLengths lengths;
  private final ExpressionTable trees;
  private final Memory memory;
  private final DefectLog log;
  private final Collective collective;
  private final Blocks blocks;
  private final long[] values;
  private final long[] sent;
  private final BitSet exchanged = new BitSet(); // steps whose first operand has the higher ranks

  ContributionState(
      StepTable table, Messages messages, ChunkLengths lengths, Memory memory, DefectLog log) {
    this.table = table;
    this.messages = messages;
    this.lengths = lengths;
    this.trees = new ExpressionTable(table.ranks);
    this.memory = memory;
    this.log = log;
    collective = table.set.collective();
    blocks = table.blocks;
    values = memory.allocate(UNDEFINED);
    sent = new long[table.steps];
    for (int r = 0; r < table.ranks; r++) {
      for (int place = 0; place < table.row; place++) {
        int chunk = blocks.inputChunk(r, place);
        if (chunk >= 0) {
          values[memory.index(r, place)] = value(chunk, r);
        }
      }
    }
  }

  private static long value(int chunk, int tree) {
    return ((long) (chunk + 1) << 32) | tree;
  }

  private static int chunkOf(long value) {
    return (int) (value >> 32) - 1;
  }

  private static int treeOf(long value) {
    return (int) value;
  }

  /// Executes the steps in an order that respects lanes, dependencies and messages.
  void run(int[] order) {
    for (int step : order) {
      int rank = table.rankOf(step);
      long received = table.receiveChannel[step] < 0 ? SPOILT : sent[messages.sender[step]];
      long result =
          switch (table.kind[step]) {
            case COPY, SEND -> read(step, rank, table.source[step]);
            case REDUCE ->
                sum(
                    step,
                    read(step, rank, table.target[step]),
                    read(step, rank, table.source[step]));
            case RECV, RECV_FORWARD -> received;
            case RECV_REDUCE, RECV_REDUCE_SEND, RECV_REDUCE_FORWARD ->
                sum(step, read(step, rank, table.source[step]), received);
          };
      if (table.target[step] >= 0) {
        values[memory.index(rank, table.target[step])] = result;
      }
      sent[step] = result;
    }
  }

  private long read(int step, int rank, int location) {
    long value = values[memory.index(rank, location)];
    if (value == UNDEFINED) {
      String operand = table.operand(rank, location);
      log.add(READ_UNDEFINED, table, step, "reads " + operand + ", which holds nothing yet");
      return SPOILT;
    }
    return value;
  }

  private long sum(int step, long a, long b) {
    if (a == SPOILT || b == SPOILT) {
      return SPOILT;
    }
    if (chunkOf(a) != chunkOf(b)) {
      String both = chunkOf(a) + " and " + chunkOf(b);
      log.add(MIXED_CHUNKS, table, step, "adds up elements of chunks " + both);
      return SPOILT;
    }
    int tree = trees.add(treeOf(a), treeOf(b));
    if (tree == ExpressionTable.OVERLAP) {
      int rank = trees.firstShared(treeOf(a), treeOf(b));
      String twice = "adds the contribution of rank " + rank + " to chunk " + chunkOf(a) + " twice";
      log.add(DOUBLE_CONTRIBUTION, table, step, twice);
      return SPOILT;
    }
    exchanged.set(step, trees.first(treeOf(b)) < trees.first(treeOf(a)));
    return value(chunkOf(a), tree);
  }

  /// Checks every result that the collective promises.
  void checkPostcondition() {
    for (int r = 0; r < table.ranks; r++) {
      for (int place = 0; place < table.row; place++) {
        int chunk = blocks.outputChunk(r, place);
        if (chunk >= 0 && !lengths.isEmpty(chunk)) {
          checkOutput(r, chunk, output(r, place));
        }
      }
    }
  }

  private long output(int rank, int place) {
    return values[memory.index(rank, table.row + place)];
  }

  private void checkOutput(int rank, int chunk, long value) {
    if (value == SPOILT) {
      return;
    }
    String name = "O" + chunk;
    if (value == UNDEFINED) {
      log.add(WRONG_RESULT, rank, -1, -1, name + " is never written");
      return;
    }
    if (chunkOf(value) != chunk) {
      log.add(WRONG_RESULT, rank, -1, -1, name + " ends as chunk " + chunkOf(value));
      return;
    }
    int origin = blocks.origin(chunk);
    if (origin >= 0) {
      if (treeOf(value) != origin) {
        String is = " ends as I" + chunk + " of rank " + treeOf(value);
        log.add(WRONG_RESULT, rank, -1, -1, name + is + " instead of rank " + origin);
      }
      return;
    }
    int contributors = blocks.contributors(rank);
    int missing = trees.firstMissing(treeOf(value));
    int foreign = trees.firstFrom(treeOf(value), contributors);
    if (missing < contributors) {
      String lacks = name + " lacks the contribution of rank " + missing;
      log.add(MISSING_CONTRIBUTION, rank, -1, -1, lacks);
    } else if (foreign >= 0) {
      String holds = name + " holds the contribution of rank " + foreign;
      log.add(WRONG_RESULT, rank, -1, -1, holds + ", which comes after it");
    }
  }

  /// Describes the results of a set without defects.
  VerificationReport.Outputs outputs(boolean safeInPlace) {
    long[][] hashes = new long[table.ranks][table.row];
    boolean consistent = true;
    boolean canonical = true;
    boolean ordered = true;
    int[] first = new int[table.row]; // 1 + tree of the first rank that holds a result
    for (int r = 0; r < table.ranks; r++) {
      int wanted = collective.reduces() ? canonical(r) : -1;
      for (int place = 0; place < table.row; place++) {
        int chunk = blocks.outputChunk(r, place);
        if (chunk < 0 || output(r, place) == UNDEFINED) {
          continue;
        }
        int tree = treeOf(output(r, place));
        hashes[r][place] = trees.hash(tree);
        first[place] = first[place] == 0 ? tree + 1 : first[place];
        boolean same = tree + 1 == first[place];
        consistent &= lengths.isEmpty(chunk) || same || !isShared();
        canonical &= lengths.isEmpty(chunk) || !collective.reduces() || tree == wanted;
        ordered &= lengths.isEmpty(chunk) || trees.isInRankOrder(tree);
      }
    }
    return new VerificationReport.Outputs(
        safeInPlace,
        consistent,
        canonical,
        UnevenCheck.holds(table, messages),
        ordered ? new RankOrder(table, exchanged) : null,
        table.blocks,
        hashes);
  }

  /// Returns the canonical tree of a rank's results; any tree if it has none.
  private int canonical(int rank) {
    int contributors = blocks.contributors(rank);
    return contributors == 0 ? 0 : trees.canonical(0, contributors);
  }

  /// Returns whether ranks with a result at the same place have the same one.
  private boolean isShared() {
    return !collective.isPrefix() && collective != Collective.ALL_TO_ALL;
  }
}
