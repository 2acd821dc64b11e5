package dev.tutti.collectives.plan;

/// What the cost model knows of the network between hosts: measured when the communicator is made,
/// agreed by all ranks.
///
/// @param alphaSeconds time for an empty message to reach a rank of another host
/// @param betaSeconds time for each byte of a long one
public record NetworkProfile(double alphaSeconds, double betaSeconds) {

  /// Returns the profile of a usual network, to plan with until the real one has been measured: 20
  /// us, 10 Gbit/s.
  public static NetworkProfile typical() {
    return new NetworkProfile(20e-6, 1 / 1.25e9);
  }
}
