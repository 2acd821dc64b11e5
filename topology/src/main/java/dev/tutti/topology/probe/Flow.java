package dev.tutti.topology.probe;

/// Data that moves from one prober to another during a round.
///
/// @param from number of the sender
/// @param to number of the receiver
public record Flow(int from, int to) {
  /// Returns the opposite direction.
  public Flow reversed() {
    return new Flow(to, from);
  }
}
