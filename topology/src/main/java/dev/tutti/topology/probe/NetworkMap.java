package dev.tutti.topology.probe;

import java.util.List;

/// A network as it shows in measurements between its ends.
///
/// @param outBytesPerSecond what each prober can send
/// @param inBytesPerSecond what each prober can receive
/// @param root all probers, in groups
/// @param rounds how many rounds of flows it took
/// @param observations every flow of every round with its rate
public record NetworkMap(
    List<Double> outBytesPerSecond,
    List<Double> inBytesPerSecond,
    NetworkGroup root,
    int rounds,
    List<Observation> observations) {
  /// Copies.
  public NetworkMap {
    outBytesPerSecond = List.copyOf(outBytesPerSecond);
    inBytesPerSecond = List.copyOf(inBytesPerSecond);
    observations = List.copyOf(observations);
  }

  /// What a flow did.
  ///
  /// @param round number of its round
  /// @param flow who sent to whom
  /// @param bytesPerSecond how fast
  public record Observation(int round, Flow flow, double bytesPerSecond) {}
}
