package dev.tutti.collectives.plan;

/// What the cost model knows of the network between hosts: measured when the communicator is made,
/// agreed by all ranks.
///
/// @param alphaSeconds time for an empty message to reach a rank of another host
/// @param betaSeconds time for each byte of a long one
/// @param borderRatio what a host's port carries over what joins its group to the others, where
///   groups are not the hosts
public record NetworkProfile(double alphaSeconds, double betaSeconds, double borderRatio) {
  // Somebody has named groups because what leaves them is slower; how much, nobody has measured.
  private static final double USUAL_BORDER_RATIO = 2;

  /// Makes a profile of a network of whose groups only the members are known.
  public NetworkProfile(double alphaSeconds, double betaSeconds) {
    this(alphaSeconds, betaSeconds, USUAL_BORDER_RATIO);
  }

  /// Returns the profile of a usual network, to plan with until the real one has been measured: 20
  /// us, 10 Gbit/s.
  public static NetworkProfile typical() {
    return new NetworkProfile(20e-6, 1 / 1.25e9);
  }
}
