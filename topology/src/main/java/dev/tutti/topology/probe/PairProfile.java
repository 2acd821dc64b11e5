package dev.tutti.topology.probe;

import org.jspecify.annotations.Nullable;

/// What was measured from one rank to another.
///
/// @param from the sender
/// @param to the receiver
/// @param latencySeconds α: seconds for a message of 8 bytes, half of a round trip; null if it was
///   not measured
/// @param bytesPerSecond 1/β: the rate of a long flow while disjoint pairs also talked, inside a
///   host as many as it has cores for; null if it was not measured
/// @param aloneBytesPerSecond the same while nobody else talked; null if it was not measured
public record PairProfile(
    int from,
    int to,
    @Nullable Estimate latencySeconds,
    @Nullable Estimate bytesPerSecond,
    @Nullable Estimate aloneBytesPerSecond) {
  // Fewer readings of a pair within a host may say no more than when its threads ran.
  private static final int SURE_SAMPLES = 3;

  /// Returns whether the rate was read often enough to be held against the pair.
  boolean isSure() {
    return bytesPerSecond != null && bytesPerSecond.samples() >= SURE_SAMPLES;
  }

  /// Returns the rate to plan with: alone if that is known.
  public @Nullable Double rate() {
    Estimate best = aloneBytesPerSecond != null ? aloneBytesPerSecond : bytesPerSecond;
    return best == null ? null : Double.valueOf(best.median());
  }
}
