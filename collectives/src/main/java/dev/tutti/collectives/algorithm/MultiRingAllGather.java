package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;

/// All-gather on several rings at once, each carrying its part of every block.
///
/// Source and chunks as for [MultiRingAllReduce]; each ring is [RingAllGather].
public final class MultiRingAllGather {
  private MultiRingAllGather() {}

  static Schedule schedule(int[][] rings, int rank) {
    return schedule(rings, MultiRingAllReduce.equalWeights(rings.length), rank);
  }

  static Schedule schedule(int[][] rings, long[] weights, int rank) {
    int ranks = rings[0].length;
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_GATHER,
            ranks,
            rank,
            0,
            MultiRingAllReduce.partition(rings, weights, ranks));
    for (int i = 0; i < rings.length; i++) {
      int number = i;
      Ring ring = Ring.of(rings[i], rank);
      int own = rank * rings.length + i;
      steps.send(own, Operand.input(own), ring.next());
      steps.copy(own, Operand.input(own), Operand.output(own));
      RingAllGather.receiveFromOwners(steps, ring, owner -> owner * rings.length + number);
    }
    return steps.build();
  }

  /// Returns the schedules of all ranks; arguments as for [MultiRingAllReduce#scheduleSet].
  public static ScheduleSet scheduleSet(int[][] rings, long... weights) {
    MultiRingAllReduce.check(rings, weights);
    return ScheduleSet.of(rings[0].length, rank -> schedule(rings, weights, rank));
  }
}
