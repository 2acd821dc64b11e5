package dev.tutti.collectives.algorithm;

import static dev.tutti.collectives.schedule.Collective.ALL_GATHER;
import static dev.tutti.collectives.schedule.Collective.ALL_REDUCE;
import static dev.tutti.collectives.schedule.Collective.BARRIER;
import static dev.tutti.collectives.schedule.Collective.BROADCAST;
import static dev.tutti.collectives.schedule.Collective.REDUCE_SCATTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.schedule.Buffer;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bytes, steps, rounds and scratch memory against the formulas of the Javadoc. Volumes are in
/// chunks, of which the vector has as many as there are ranks, or are divided by the chunks of the
/// vector.
final class AlgorithmCostTest {
  private static final int LARGEST = 33;

  @ParameterizedTest
  @CsvSource({
    "ring, ALL_REDUCE, 2",
    "ring, REDUCE_SCATTER, 1",
    "ring, ALL_GATHER, 1",
    "direct, ALL_REDUCE, 2",
    "flat, REDUCE_SCATTER, 1",
    "flat, ALL_GATHER, 1",
    "halving-doubling, REDUCE_SCATTER, 1"
  })
  void shouldSendTheLeastPossiblePerRank(String name, Collective collective, int phases) {
    for (int n = 2; n <= LARGEST; n++) {
      for (Schedule schedule : set(name, collective, n, 1).schedules()) {
        assertThat(schedule.partition().chunks()).isEqualTo(n);
        assertThat(sends(schedule)).as("%d ranks", n).isEqualTo(phases * (n - 1));
      }
    }
  }

  @Test
  void shouldSendTheLeastPossibleInAllInHalvingDoubling() {
    for (int n = 2; n <= LARGEST; n++) {
      ScheduleSet set = set("halving-doubling", ALL_REDUCE, n, 1);

      assertThat(totalSends(set)).as("%d ranks", n).isEqualTo(2 * n * (n - 1));
      if (Integer.bitCount(n) == 1) {
        assertThat(maximalSends(set)).as("%d ranks", n).isEqualTo(2 * (n - 1));
      }
    }
  }

  @Test
  void shouldReceiveEachBlockOnceInRecursiveDoublingAllGather() {
    for (int n = 2; n <= LARGEST; n++) {
      for (Schedule schedule : set("recursive-doubling", ALL_GATHER, n, 1).schedules()) {
        assertThat(receives(schedule)).as("%d ranks", n).isEqualTo(n - 1);
      }
    }
  }

  @Test
  void shouldSendAtMostTwoVectorsPerLevelInRecursiveDoubling() {
    for (int n = 2; n <= 128; n++) {
      ScheduleSet set = set("recursive-doubling", ALL_REDUCE, n, 1);
      int levels = ceilLog2(n);

      assertThat(maximalSends(set))
          .as("%d ranks", n)
          .isLessThanOrEqualTo(Integer.bitCount(n) == 1 ? levels : 2 * levels);
    }
  }

  @Test
  void shouldSendEachVectorUpAndDownOnceInTrees() {
    for (int n = 2; n <= LARGEST; n++) {
      assertThat(totalSends(set("binomial-tree", ALL_REDUCE, n, 1))).isEqualTo(2 * (n - 1));
      assertThat(totalSends(set("binomial-tree", BROADCAST, n, 1))).isEqualTo(n - 1);
      assertThat(totalSends(set("ring", BROADCAST, n, 1))).isEqualTo(n - 1);
      assertThat(totalSends(set("flat", BROADCAST, n, 1))).isEqualTo(n - 1);
      assertThat(sends(set("binomial-tree", ALL_REDUCE, n, 1).schedules().get(0)))
          .isEqualTo(ceilLog2(n));
      // two chunks make a vector
      assertThat(totalSends(set("double-binary-tree", ALL_REDUCE, n, 1))).isEqualTo(4 * (n - 1));
      assertThat(totalSends(set("double-binary-tree", BROADCAST, n, 1))).isEqualTo(2 * (n - 1));
    }
  }

  @Test
  void shouldBalanceTheLoadOfDoubleBinaryTrees() {
    for (int n = 2; n <= 128; n++) {
      assertThat(maximalSends(set("double-binary-tree", ALL_REDUCE, n, 1)))
          .as("%d ranks, 2 vectors of 2 chunks", n)
          .isLessThanOrEqualTo(4);
      assertThat(maximalSends(set("double-binary-tree", BROADCAST, n, 1)))
          .as("%d ranks, 1 vector of 2 chunks", n)
          .isLessThanOrEqualTo(2);
    }
  }

  @Test
  void shouldNeedTheStatedNumberOfRounds() {
    for (int n = 2; n <= LARGEST; n++) {
      int levels = ceilLog2(n);
      assertThat(rounds("flat", ALL_REDUCE, n)).isEqualTo(1);
      assertThat(rounds("flat", ALL_GATHER, n)).isEqualTo(1);
      assertThat(rounds("flat", REDUCE_SCATTER, n)).isEqualTo(1);
      assertThat(rounds("flat", BROADCAST, n)).isEqualTo(1);
      assertThat(rounds("flat", BARRIER, n)).isEqualTo(1);
      assertThat(rounds("direct", ALL_REDUCE, n)).isEqualTo(2);
      assertThat(rounds("ring", ALL_REDUCE, n)).isEqualTo(2 * (n - 1));
      assertThat(rounds("ring", ALL_GATHER, n)).isEqualTo(n - 1);
      assertThat(rounds("ring", REDUCE_SCATTER, n)).isEqualTo(n - 1);
      assertThat(rounds("ring", BROADCAST, n)).isEqualTo(n - 1);
      assertThat(rounds("halving-doubling", ALL_REDUCE, n)).isEqualTo(2 * levels);
      assertThat(rounds("halving-doubling", REDUCE_SCATTER, n)).isEqualTo(levels);
      assertThat(rounds("recursive-doubling", ALL_REDUCE, n)).isBetween(levels, levels + 1);
      assertThat(rounds("recursive-doubling", ALL_GATHER, n)).isBetween(levels, 2 * levels);
      assertThat(rounds("dissemination", BARRIER, n)).isEqualTo(levels);
      assertThat(rounds("double-binary-tree", ALL_REDUCE, n)).isLessThanOrEqualTo(2 * levels + 2);
    }
  }

  @Test
  void shouldTakeOneRoundPerLevelForPowersOfTwo() {
    for (int n = 2; n <= 64; n *= 2) {
      assertThat(rounds("recursive-doubling", ALL_REDUCE, n)).isEqualTo(ceilLog2(n));
      assertThat(rounds("recursive-doubling", ALL_GATHER, n)).isEqualTo(ceilLog2(n));
      assertThat(rounds("binomial-tree", BROADCAST, n)).isEqualTo(ceilLog2(n));
      assertThat(rounds("binomial-tree", ALL_REDUCE, n)).isEqualTo(2 * ceilLog2(n));
    }
  }

  @Test
  void shouldTakeTwoStepsPerChunkInARing() {
    for (int n = 2; n <= LARGEST; n++) {
      for (Schedule schedule : set("ring", ALL_REDUCE, n, 1).schedules()) {
        assertThat(steps(schedule).count()).as("%d ranks", n).isEqualTo(2L * n);
        assertThat(schedule.lanes()).hasSize(n);
      }
    }
  }

  @Test
  void shouldNotNeedScratchWhereOutputSuffices() {
    for (String name :
        new String[] {
          "ring",
          "two-rings",
          "edge-disjoint-rings",
          "halving-doubling",
          "binomial-tree",
          "double-binary-tree"
        }) {
      for (Schedule schedule : set(name, ALL_REDUCE, 13, 3).schedules()) {
        assertThat(schedule.scratchCopies()).as(name).isZero();
      }
    }
    for (Schedule schedule : set("direct", ALL_REDUCE, 13, 1).schedules()) {
      assertThat(
              steps(schedule)
                  .map(Step::target)
                  .filter(t -> t != null && t.buffer() == Buffer.SCRATCH)
                  .distinct()
                  .filter(t -> t != null && t.index() % 13 == schedule.rank()))
          .as("only the own chunk of each scratch copy is used")
          .hasSize(12);
    }
  }

  private static ScheduleSet set(String name, Collective collective, int ranks, int pieces) {
    return Algorithms.named(name).scheduleSet(collective, ranks, 0, pieces);
  }

  private static Stream<Step> steps(Schedule schedule) {
    return schedule.lanes().stream().flatMap(lane -> lane.steps().stream());
  }

  private static int sends(Schedule schedule) {
    return Math.toIntExact(steps(schedule).filter(s -> s.kind().sends()).count());
  }

  private static int receives(Schedule schedule) {
    return Math.toIntExact(steps(schedule).filter(s -> s.kind().receives()).count());
  }

  private static int totalSends(ScheduleSet set) {
    return set.schedules().stream().mapToInt(AlgorithmCostTest::sends).sum();
  }

  private static int maximalSends(ScheduleSet set) {
    return set.schedules().stream().mapToInt(AlgorithmCostTest::sends).max().orElse(0);
  }

  private static int ceilLog2(int n) {
    return IntStream.range(0, 31).filter(k -> 1 << k >= n).findFirst().orElseThrow();
  }

  /// Returns the largest number of messages on a path of lanes, dependencies and messages.
  private static int rounds(String name, Collective collective, int ranks) {
    return new MessageDepth(set(name, collective, ranks, 1)).maximum();
  }

  /// Longest paths by relaxation until nothing changes.
  private static final class MessageDepth {
    private final ScheduleSet set;
    private final int[][][] depth;

    MessageDepth(ScheduleSet set) {
      this.set = set;
      depth =
          set.schedules().stream()
              .map(
                  s -> s.lanes().stream().map(l -> new int[l.steps().size()]).toArray(int[][]::new))
              .toArray(int[][][]::new);
    }

    int maximum() {
      boolean changed = true;
      while (changed) {
        changed = false;
        for (Schedule schedule : set.schedules()) {
          for (int lane = 0; lane < schedule.lanes().size(); lane++) {
            changed |= relax(schedule, lane);
          }
        }
      }
      return Arrays.stream(depth)
          .flatMap(Arrays::stream)
          .flatMapToInt(Arrays::stream)
          .max()
          .orElse(0);
    }

    private boolean relax(Schedule schedule, int lane) {
      boolean changed = false;
      int[] own = depth[schedule.rank()][lane];
      int[] received = new int[set.ranks()];
      for (int i = 0; i < own.length; i++) {
        Step step = schedule.lanes().get(lane).steps().get(i);
        int value = i == 0 ? 0 : own[i - 1];
        for (var d : step.after()) {
          value = Math.max(value, depth[schedule.rank()][d.lane()][d.step()]);
        }
        if (step.kind().receives()) {
          int from = step.receivePeer();
          value = Math.max(value, 1 + sent(from, schedule.rank(), lane, received[from]++));
        }
        changed |= value > own[i];
        own[i] = value;
      }
      return changed;
    }

    /// Returns the depth of the index-th message of a channel.
    private int sent(int from, int to, int lane, int index) {
      int seen = 0;
      var steps = set.schedules().get(from).lanes().get(lane).steps();
      for (int i = 0; i < steps.size(); i++) {
        if (steps.get(i).sendPeer() == to && seen++ == index) {
          return depth[from][lane][i];
        }
      }
      throw new AssertionError("message " + index + " from " + from + " to " + to);
    }
  }
}
