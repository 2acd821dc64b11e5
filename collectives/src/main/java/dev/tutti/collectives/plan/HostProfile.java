package dev.tutti.collectives.plan;

/// What the cost model knows of one host: measured when the communicator is made, agreed by all
/// ranks.
///
/// @param alphaSeconds time for a flag to reach another rank and be seen there
/// @param copyBetaSeconds time to copy one byte that another rank has just written
/// @param ranksPerCore how many ranks share a core, at least 1
/// @param cacheBytes size of the last-level cache
public record HostProfile(
    double alphaSeconds, double copyBetaSeconds, int ranksPerCore, long cacheBytes) {

  /// Returns the profile that all ranks plan with until they have agreed on one: equal on all, as
  /// nothing that a rank sees by itself may be.
  public static HostProfile unknown() {
    return typical(1, 32L << 20);
  }

  /// Returns the profile of a usual machine: flags take 100 ns, copies between cores run at 20
  /// GB/s.
  public static HostProfile typical(int ranksPerCore, long cacheBytes) {
    return new HostProfile(100e-9, 1 / 20e9, ranksPerCore, cacheBytes);
  }
}
