package dev.tutti.collectives.execute;

import dev.tutti.collectives.execute.BlockLayout.Side;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.schedule.Collective;
import org.jspecify.annotations.Nullable;

/// A reduction composed of exchanges that do not reduce: contributions travel as they are to the
/// owners of the parts of the vector (an all-to-all), who combine those of all ranks in one call of
/// the kernel, and the results travel to where they belong.
///
/// | collective | owner r has | then |
/// |---|---|---|
/// | all-reduce | part r | all-gather |
/// | reduce | part r | gather |
/// | reduce-scatter | block r | nothing |
/// | scan, exclusive-scan | part r, of which it makes each rank's result | all-to-all |
///
/// A rank sends `(n - 1) / n` of its data, as in the reduce-scatter of a ring, and as much in the
/// second part. It needs working memory as large as its data, for scans twice that. The parts may
/// be any schedules.
///
/// Parts begin at multiples of 64 bytes. Example, 4 ranks, float32, 150 elements, thus 9 full
/// lines: they begin at lines 0, 2, 4 and 6, so the last rank owns 54 elements, the others 32.
public final class OwnerReduction implements UnevenExchange {
  private static final int LINE_BYTES = 64;

  /// Stands for the hash of the layouts, which all ranks compute from the same count.
  private static final long KNOWN = 1;

  private final Members members;
  private final Collective collective;
  private final int root;
  private final Phases phases;
  private final ScratchMemory memory;
  private final int size;
  private final int index;
  private final long[] sources;
  private final long[] target = new long[1];

  // Layouts of the two parts, filled in for each operation; owned by the running thread.
  private final long[] partCounts;
  private final long[] partStarts;
  private final long[] ownCounts; // of contributions to this rank's part
  private final long[] ownStarts;
  private final long[] resultCounts; // of results of this rank's part
  private final long[] resultStarts;
  private final BlockLayout scatterLayout;
  private final BlockLayout gatherLayout;
  private long stride; // from one contribution or result to the next, in elements

  /// Returns what brings the results of a collective where they belong, null if nothing has to.
  public static @Nullable Collective gathers(Collective collective) {
    return switch (collective) {
      case ALL_REDUCE -> Collective.ALL_GATHER;
      case REDUCE -> Collective.GATHER;
      case SCAN, EXCLUSIVE_SCAN -> Collective.ALL_TO_ALL;
      case REDUCE_SCATTER -> null;
      case BROADCAST, ALL_GATHER, BARRIER, GATHER, SCATTER, ALL_TO_ALL ->
          throw new IllegalArgumentException(collective.label() + " reduces nothing");
    };
  }

  /// Makes an exchange.
  ///
  /// @param memory for contributions and results; nothing else may use it while this runs
  OwnerReduction(
      Members members, Collective collective, int root, Phases phases, ScratchMemory memory) {
    this.members = members;
    this.collective = collective;
    this.root = root;
    this.phases = phases;
    this.memory = memory;
    this.size = members.size();
    this.index = members.index();
    this.sources = new long[size];
    this.partCounts = new long[size];
    this.partStarts = new long[size];
    this.ownCounts = new long[size];
    this.ownStarts = new long[size];
    int results = collective.isPrefix() ? size : 1;
    this.resultCounts = new long[results];
    this.resultStarts = new long[results];
    Side parts = new Side(partCounts, partStarts);
    this.scatterLayout = new BlockLayout(parts, new Side(ownCounts, ownStarts), KNOWN);
    this.gatherLayout = new BlockLayout(new Side(resultCounts, resultStarts), received(), KNOWN);
  }

  /// Returns the layout of what the second part brings this rank.
  private Side received() {
    return switch (collective) {
      case REDUCE -> root == index ? scatterLayout.send() : Side.NONE;
      case EXCLUSIVE_SCAN ->
          index == 0 ? new Side(new long[size], new long[size]) : scatterLayout.send();
      default -> scatterLayout.send();
    };
  }

  @Override
  public String form(long vectorBytes) {
    return "composed of " + phases.form(vectorBytes);
  }

  @Override
  public void run(
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int rootRank) {
    if (collective == Collective.REDUCE_SCATTER) {
      for (int m = 0; m < size; m++) {
        partCounts[m] = count;
        partStarts[m] = m * count;
      }
    } else {
      long unit = LINE_BYTES / elementBytes;
      for (int m = 0; m < size; m++) {
        partStarts[m] = start(m, count, unit);
        partCounts[m] = (m == size - 1 ? count : start(m + 1, count, unit)) - partStarts[m];
      }
    }
    run(signature, send, receive, elementBytes, kernel, divisor);
  }

  private long start(int part, long count, long unit) {
    return count / unit * part / size * unit;
  }

  @Override
  public void runUneven(
      long signature,
      long send,
      long receive,
      BlockLayout blocks,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int rootRank) {
    System.arraycopy(blocks.send().counts(), 0, partCounts, 0, size);
    System.arraycopy(blocks.send().displacements(), 0, partStarts, 0, size);
    run(signature, send, receive, elementBytes, kernel, divisor);
  }

  private void run(
      long signature,
      long send,
      long receive,
      int elementBytes,
      ReductionKernel kernel,
      int divisor) {
    long own = partCounts[index];
    long unit = LINE_BYTES / elementBytes;
    stride = (own + unit - 1) / unit * unit;
    for (int m = 0; m < size; m++) {
      ownCounts[m] = own;
      ownStarts[m] = m * stride;
    }
    long contributed = size * stride * elementBytes;
    long contributions = memory.atLeast(Math.max(1, contributed + resultBytes(elementBytes)));
    long results = contributions + contributed;
    phases.enter(signature);
    phases.first(signature, send, contributions, scatterLayout, elementBytes);
    for (int m = 0; m < size; m++) {
      sources[m] = contributions + ownStarts[m] * elementBytes;
    }
    long result = combine(receive, results, elementBytes, kernel, divisor);
    phases.second(signature, result, receive, gatherLayout, elementBytes, root);
    phases.leave();
  }

  /// Returns how much room results need that are not computed where they belong.
  private long resultBytes(int elementBytes) {
    boolean isElsewhere = collective.isPrefix() || collective == Collective.REDUCE;
    return isElsewhere ? resultCounts.length * stride * elementBytes : 0;
  }

  /// Combines the contributions; returns where the result, or the first of several, is.
  private long combine(
      long receive, long results, int elementBytes, ReductionKernel kernel, int divisor) {
    long own = partCounts[index];
    if (collective.isPrefix()) {
      int excluded = collective == Collective.EXCLUSIVE_SCAN ? 1 : 0;
      for (int r = 0; r < size; r++) {
        resultCounts[r] = r < excluded ? 0 : own;
        resultStarts[r] = r * stride;
        combine(results + resultStarts[r] * elementBytes, r + 1 - excluded, own, kernel, divisor);
      }
      return results;
    }
    long place =
        switch (collective) {
          case ALL_REDUCE -> receive + partStarts[index] * elementBytes;
          case REDUCE_SCATTER -> receive;
          default -> results;
        };
    resultCounts[0] = own;
    members.settle(place, own * elementBytes); // may be input that is on its way
    combine(place, size, own, kernel, divisor);
    return place;
  }

  private void combine(long place, int ranks, long count, ReductionKernel kernel, int divisor) {
    if (ranks > 0 && count > 0) {
      target[0] = place;
      kernel.combineAll(target, 1, sources, ranks, 0, count, divisor);
    }
  }
}
