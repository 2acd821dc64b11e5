package dev.tutti.collectives;

import dev.tutti.topology.probe.ProbeDepth;

/// What a measurement may take.
///
/// @param warmUpPings messages to and fro before the counted ones
/// @param pings counted messages to and fro per pair
/// @param flowNanos how long the flows of a round run
/// @param repeats how often a round runs at most, for as long as its rates are uncertain
/// @param alone whether every pair between hosts is measured while nobody else talks, too
record ProbeEffort(int warmUpPings, int pings, long flowNanos, int repeats, boolean alone) {
  private static final ProbeEffort QUICK = new ProbeEffort(5, 20, 12_000_000, 1, false);
  private static final ProbeEffort DEEP = new ProbeEffort(50, 200, 120_000_000, 3, true);

  static ProbeEffort of(ProbeDepth depth) {
    return switch (depth) {
      case QUICK -> QUICK;
      case DEEP -> DEEP;
    };
  }
}
