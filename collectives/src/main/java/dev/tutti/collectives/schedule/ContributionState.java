package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.DOUBLE_CONTRIBUTION;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.MISSING_CONTRIBUTION;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.MIXED_CHUNKS;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.READ_UNDEFINED;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.WRONG_RESULT;

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
  private final int blockChunks;
  private final long[] values;
  private final long[] sent;

  ContributionState(
      StepTable table, Messages messages, ChunkLengths lengths, Memory memory, DefectLog log) {
    this.table = table;
    this.messages = messages;
    this.lengths = lengths;
    this.trees = new ExpressionTable(table.ranks);
    this.memory = memory;
    this.log = log;
    collective = table.set.collective();
    blockChunks = Math.max(1, table.chunks / table.ranks);
    values = memory.allocate(UNDEFINED);
    sent = new long[table.steps];
    for (int r = 0; r < table.ranks; r++) {
      for (int c = 0; c < table.chunks; c++) {
        if (hasInput(r, c)) {
          values[memory.index(r, c)] = value(c, r);
        }
      }
    }
  }

  private boolean hasInput(int rank, int chunk) {
    return switch (collective) {
      case ALL_REDUCE, REDUCE_SCATTER -> true;
      case BROADCAST -> rank == table.set.root();
      case ALL_GATHER -> chunk / blockChunks == rank;
      case BARRIER -> false;
    };
  }

  private boolean hasOutput(int rank, int chunk) {
    return switch (collective) {
      case ALL_REDUCE, BROADCAST, ALL_GATHER -> true;
      case REDUCE_SCATTER -> chunk / blockChunks == rank;
      case BARRIER -> false;
    };
  }

  /// The rank whose INPUT a result must be, -1 if it must be the reduction over all ranks.
  private int origin(int chunk) {
    return switch (collective) {
      case ALL_REDUCE, REDUCE_SCATTER, BARRIER -> -1;
      case BROADCAST -> table.set.root();
      case ALL_GATHER -> chunk / blockChunks;
    };
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
      String operand = ScheduleText.format(table.operand(location));
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
    return value(chunkOf(a), tree);
  }

  /// Checks every result that the collective promises.
  void checkPostcondition() {
    for (int r = 0; r < table.ranks; r++) {
      for (int c = 0; c < table.chunks; c++) {
        if (hasOutput(r, c) && !lengths.isEmpty(c)) {
          checkOutput(r, c, output(r, c));
        }
      }
    }
  }

  private long output(int rank, int chunk) {
    return values[memory.index(rank, table.chunks + chunk)];
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
    int origin = origin(chunk);
    if (origin >= 0) {
      if (treeOf(value) != origin) {
        String is = " ends as I" + chunk + " of rank " + treeOf(value);
        log.add(WRONG_RESULT, rank, -1, -1, name + is + " instead of rank " + origin);
      }
      return;
    }
    int missing = trees.firstMissing(treeOf(value));
    if (missing < table.ranks) {
      String lacks = name + " lacks the contribution of rank " + missing;
      log.add(MISSING_CONTRIBUTION, rank, -1, -1, lacks);
    }
  }

  /// Describes the results of a set without defects.
  VerificationReport.Outputs outputs(boolean safeInPlace) {
    long[][] hashes = new long[table.ranks][table.chunks];
    boolean consistent = true;
    boolean canonical = true;
    int canonicalTree = collective.reduces() ? trees.canonical(0, table.ranks) : 0;
    for (int c = 0; c < table.chunks; c++) {
      int first = -1;
      for (int r = 0; r < table.ranks; r++) {
        if (!hasOutput(r, c) || output(r, c) == UNDEFINED) {
          continue;
        }
        int tree = treeOf(output(r, c));
        hashes[r][c] = trees.hash(tree);
        first = first < 0 ? tree : first;
        consistent &= lengths.isEmpty(c) || tree == first;
        canonical &= lengths.isEmpty(c) || !collective.reduces() || tree == canonicalTree;
      }
    }
    return new VerificationReport.Outputs(safeInPlace, consistent, canonical, hashes);
  }
}
