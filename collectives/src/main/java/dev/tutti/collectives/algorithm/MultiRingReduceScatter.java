package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;

/// Reduce-scatter on several rings at once, each carrying its part of every block.
///
/// Source and chunks as for [MultiRingAllReduce]; each ring is [RingReduceScatter].
public final class MultiRingReduceScatter {
  private MultiRingReduceScatter() {}

  static Schedule schedule(int[][] rings, int rank) {
    return schedule(rings, MultiRingAllReduce.equalWeights(rings.length), rank);
  }

  static Schedule schedule(int[][] rings, long[] weights, int rank) {
    int ranks = rings[0].length;
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.REDUCE_SCATTER,
            ranks,
            rank,
            0,
            MultiRingAllReduce.partition(rings, weights, ranks));
    for (int i = 0; i < rings.length; i++) {
      int number = i;
      RingReduceScatter.reduceScatter(
          steps, Ring.of(rings[i], rank), owner -> owner * rings.length + number);
    }
    return steps.build();
  }

  /// Returns the schedules of all ranks; arguments as for [MultiRingAllReduce#scheduleSet].
  public static ScheduleSet scheduleSet(int[][] rings, long... weights) {
    MultiRingAllReduce.check(rings, weights);
    return ScheduleSet.of(rings[0].length, rank -> schedule(rings, weights, rank));
  }
}
