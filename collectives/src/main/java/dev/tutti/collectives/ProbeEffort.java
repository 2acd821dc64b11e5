package dev.tutti.collectives;

import dev.tutti.topology.probe.ProbeDepth;

/// What a measurement may take.
///
/// @param warmUpPings messages to and fro before the counted ones
/// @param pings counted messages to and fro per pair
/// @param flowNanos how long the flows of a round run
/// @param repeats how often a round runs at most, for as long as its rates are uncertain
/// @param alone whether every pair between hosts is measured while nobody else talks, too
/// @param inside whether pairs inside hosts are measured
record ProbeEffort(
    int warmUpPings, int pings, long flowNanos, int repeats, boolean alone, boolean inside) {
  /// What a world spends when it forms: only the groups of hosts are looked for.
  static final ProbeEffort JOIN = new ProbeEffort(0, 0, 12_000_000, 1, false, false);

  private static final ProbeEffort QUICK = new ProbeEffort(5, 20, 12_000_000, 1, false, true);
  private static final ProbeEffort DEEP = new ProbeEffort(50, 200, 120_000_000, 3, true, true);

  static ProbeEffort of(ProbeDepth depth) {
    return switch (depth) {
      case QUICK -> QUICK;
      case DEEP -> DEEP;
    };
  }
}
