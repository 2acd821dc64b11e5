package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.Arrays;

/// All-reduce on several rings at once, each over all ranks in an order of its own and each with
/// its share of the vector.
///
/// Source: the idea is NCCL's, whose channels are rings found in the topology (`graph/rings.cc`);
/// each of them is [RingAllReduce]. Rings that share no directed link add up their rates: two
/// reversed rings use both directions of the same cables ([TwoRings]), and a full mesh of n ranks
/// has n - 1 or n - 2 such rings ([EdgeDisjointRings]). One ring is a ring in any order of the
/// ranks.
///
/// With k rings the share of rank r is chunks r k to r k + k - 1, of which ring i carries the i-th.
/// The lane of a chunk has its number. All ranks send 2 (n - 1) / n of the vector, the least
/// possible. Example, two reversed rings of 4, rank 1: in lane 0 (chunk of rank 0 on ring 0 1 2 3)
/// it hands on to 2, in lane 1 (on ring 3 2 1 0) to 0.
public final class MultiRingAllReduce {
  private MultiRingAllReduce() {}

  static Schedule schedule(int[][] rings, int rank) {
    return schedule(rings, MultiRingAllReduce.equalWeights(rings.length), rank);
  }

  static Schedule schedule(int[][] rings, long[] weights, int rank) {
    int ranks = rings[0].length;
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_REDUCE, ranks, rank, 0, partition(rings, weights, ranks));
    for (int i = 0; i < rings.length; i++) {
      int number = i;
      Ring ring = Ring.of(rings[i], rank);
      RingReduceScatter.reduceScatter(steps, ring, owner -> owner * rings.length + number);
    }
    for (int i = 0; i < rings.length; i++) {
      int number = i;
      Ring ring = Ring.of(rings[i], rank);
      int own = rank * rings.length + i;
      steps.send(own, Operand.output(own), ring.next());
      RingAllGather.receiveFromOwners(steps, ring, owner -> owner * rings.length + number);
    }
    return steps.build();
  }

  /// Returns the schedules of all ranks.
  ///
  /// @param rings the orders, at least one, each with all ranks, at least 2
  /// @param weights what part of the vector each ring carries: all the same, or for example the
  ///   rates of the links that the rings use
  /// @throws IllegalArgumentException if an order does not name every rank once, or a weight is not
  ///   positive
  public static ScheduleSet scheduleSet(int[][] rings, long... weights) {
    check(rings, weights);
    return ScheduleSet.of(rings[0].length, rank -> schedule(rings, weights, rank));
  }

  /// Returns the partition of a vector into one chunk for each rank and ring.
  static Partition partition(int[][] rings, long[] weights, int ranks) {
    long[] chunks = new long[ranks * rings.length];
    for (int c = 0; c < chunks.length; c++) {
      chunks[c] = weights[c % rings.length];
    }
    return LowestTerms.partition(chunks);
  }

  static long[] equalWeights(int rings) {
    long[] weights = new long[rings];
    Arrays.fill(weights, 1);
    return weights;
  }

  static void check(int[][] rings, long[] weights) {
    if (rings.length == 0 || rings.length != weights.length) {
      throw new IllegalArgumentException(
          "there are "
              + rings.length
              + " rings and "
              + weights.length
              + " weights, expected one weight for each of at least one ring");
    }
    for (int i = 0; i < rings.length; i++) {
      if (rings[i].length < 2 || rings[i].length != rings[0].length) {
        throw new IllegalArgumentException(
            "ring " + i + " has " + rings[i].length + " ranks, ring 0 " + rings[0].length);
      }
      if (weights[i] < 1) {
        throw new IllegalArgumentException(
            "weight of ring " + i + " is " + weights[i] + ", expected at least 1");
      }
      Ring.of(rings[i], 0);
    }
  }
}
