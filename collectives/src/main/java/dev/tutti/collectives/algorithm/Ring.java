package dev.tutti.collectives.algorithm;

import java.util.stream.IntStream;

/// A ring over all ranks in some order, as seen by one of them.
///
/// Each rank sends to the one behind it in the order, the last to the first. Example, order 0 2 1 3
/// seen by rank 1: `position` 2, next 3, previous 2.
///
/// @param order every rank once
/// @param position where the rank stands in the order
record Ring(int[] order, int position) {

  /// Returns the ring 0, 1, 2, ... as seen by a rank.
  static Ring ofRanks(int ranks, int rank) {
    return new Ring(IntStream.range(0, ranks).toArray(), rank);
  }

  /// Returns a ring as seen by a rank.
  ///
  /// @throws IllegalArgumentException if the order does not name every rank once
  static Ring of(int[] order, int rank) {
    boolean[] seen = new boolean[order.length];
    int position = -1;
    for (int i = 0; i < order.length; i++) {
      if (order[i] < 0 || order[i] >= order.length || seen[order[i]]) {
        throw new IllegalArgumentException(
            "entry "
                + i
                + " of the ring is "
                + order[i]
                + ", expected each of the ranks 0 to "
                + (order.length - 1)
                + " once");
      }
      seen[order[i]] = true;
      position = order[i] == rank ? i : position;
    }
    return new Ring(order, position);
  }

  int size() {
    return order.length;
  }

  int next() {
    return order[(position + 1) % order.length];
  }

  int previous() {
    return order[(position + order.length - 1) % order.length];
  }

  /// Returns how many hops after a rank this one comes, 0 for itself.
  ///
  /// @param place where that rank stands in the order
  int distanceFrom(int place) {
    return Math.floorMod(position - place, order.length);
  }
}
