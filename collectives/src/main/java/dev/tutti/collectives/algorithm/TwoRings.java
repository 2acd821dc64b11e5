package dev.tutti.collectives.algorithm;

import java.util.stream.IntStream;

/// Two reversed rings: 0, 1, 2, ... and ..., 2, 1, 0, each with half of the vector.
///
/// Source: Jain, Sabharwal, "Optimal bucket algorithms for large MPI collectives on torus
/// interconnects", ICS 2010, where both directions of each dimension are used at once. Right where
/// a cable carries as much in each direction as in the other and a rank may use both: each link
/// then carries half of what one ring loads it with. The schedules are those of
/// [MultiRingAllReduce] and its sisters.
final class TwoRings {
  private TwoRings() {}

  /// Returns the two orders.
  static int[][] of(int ranks) {
    return new int[][] {
      IntStream.range(0, ranks).toArray(),
      IntStream.range(0, ranks).map(i -> ranks - 1 - i).toArray()
    };
  }
}
