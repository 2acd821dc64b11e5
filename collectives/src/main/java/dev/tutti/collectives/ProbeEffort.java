package dev.tutti.collectives;

import dev.tutti.topology.probe.ProbeDepth;

/// What a measurement may take.
///
/// @param warmUpPings messages to and fro before the counted ones
/// @param pings counted messages to and fro per pair
/// @param insideNanos how long flows run inside hosts: all turns of a host together, if it is not
///   too many of them; 0 for not at all
/// @param passes in how many passes; a pair's better one counts
/// @param repeats how often such a turn comes at most, for as long as its rates are uncertain
/// @param betweenNanos how long the flows of a round run between hosts
/// @param aloneNanos how long every pair between hosts is measured while nobody else talks, too; 0
///   for not at all
record ProbeEffort(
    int warmUpPings,
    int pings,
    long insideNanos,
    int passes,
    int repeats,
    long betweenNanos,
    long aloneNanos) {
  /// What a world spends when it forms, if it is told to: only the groups of hosts are looked for.
  /// Shorter flows would be over before shapers have let their bursts pass.
  static final ProbeEffort JOIN = new ProbeEffort(0, 0, 0, 1, 1, 80_000_000, 0);

  private static final ProbeEffort QUICK = new ProbeEffort(2, 8, 60_000_000, 2, 1, 12_000_000, 0);
  private static final ProbeEffort DEEP =
      new ProbeEffort(20, 60, 1_200_000_000, 1, 3, 160_000_000, 40_000_000);

  static ProbeEffort of(ProbeDepth depth) {
    return switch (depth) {
      case QUICK -> QUICK;
      case DEEP -> DEEP;
    };
  }
}
