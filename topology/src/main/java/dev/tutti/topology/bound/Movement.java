package dev.tutti.topology.bound;

import java.util.Locale;

/// What data has to reach where: the collectives as far as a bound on their time needs to know
/// them.
public enum Movement {
  /// Every rank holds an equal share; in the end every rank holds all of them.
  ALL_GATHER,
  /// Every rank holds a whole vector; in the end each has an equal share of their sum.
  REDUCE_SCATTER,
  /// Every rank holds a whole vector; in the end every rank has their sum. Who adds up which part
  /// is free.
  ALL_REDUCE,
  /// One rank holds a vector; in the end every rank holds it.
  BROADCAST,
  /// Every rank holds a vector; in the end one has their sum.
  REDUCE;

  /// Returns the name that people use: `all-reduce`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Tells whether one rank, the root, is unlike the others.
  public boolean isRooted() {
    return this == BROADCAST || this == REDUCE;
  }

  /// Tells whether data flows towards those who add it up, and nowhere else.
  boolean isOnlyInward() {
    return this == REDUCE_SCATTER || this == REDUCE;
  }

  /// Returns bus bandwidth over algorithm bandwidth, as nccl-tests define them.
  double busFactor(int ranks) {
    return switch (this) {
      case ALL_GATHER, REDUCE_SCATTER -> (ranks - 1.0) / ranks;
      case ALL_REDUCE -> 2 * (ranks - 1.0) / ranks;
      case BROADCAST, REDUCE -> 1;
    };
  }
}
