package dev.tutti.topology.probe;

import java.util.List;

/// What messages and sums cost the ranks themselves, beside what the links between them carry.
///
/// Every rank exchanged messages with one other, the prober of another host if there are several
/// hosts, all pairs at once; the figures are medians over the ranks.
///
/// @param latencySeconds half of a round trip of 8 bytes
/// @param gapSeconds what one more message of 8 bytes takes when many are sent one after the other
/// @param burstBytes what a link carried at once after a pause, beyond its rate; 0 if it does not
/// @param bufferBytes what the system takes from a sender, for each receiver, before it has left; 0
///   if nobody knows
/// @param steps by size, ascending; at least one
public record MessageCosts(
    double latencySeconds,
    double gapSeconds,
    double burstBytes,
    double bufferBytes,
    List<Step> steps) {
  /// Copies.
  ///
  /// @throws IllegalArgumentException if there are no steps
  public MessageCosts {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("message costs of no size");
    }
  }

  /// What one size cost.
  ///
  /// @param bytes the size
  /// @param oneWaySeconds a message from its begin until it has arrived
  /// @param bothWaysSeconds two ranks send each other one at once, until each has both sent and
  ///   received
  /// @param reduceSeconds to add so many bytes that have arrived to as many others, into a third
  ///   place
  /// @param copySeconds to copy so many bytes
  public record Step(
      long bytes,
      double oneWaySeconds,
      double bothWaysSeconds,
      double reduceSeconds,
      double copySeconds) {}

  /// A column of the steps.
  @FunctionalInterface
  public interface Column {
    /// Returns the seconds of a step.
    double of(Step step);
  }

  /// Returns seconds per byte at a size: between the steps interpolated over the logarithm of the
  /// size, beyond them that of the nearest.
  ///
  /// @param fixedSeconds part of the time that does not depend on the size
  public double secondsPerByte(Column column, double fixedSeconds, long bytes) {
    Step below = steps.getFirst();
    for (Step step : steps) {
      if (step.bytes() >= bytes) {
        double low = each(column, fixedSeconds, below);
        double high = each(column, fixedSeconds, step);
        double part =
            bytes <= below.bytes()
                ? 0
                : Math.log((double) bytes / below.bytes())
                    / Math.log((double) step.bytes() / below.bytes());
        return low + part * (high - low);
      }
      below = step;
    }
    return each(column, fixedSeconds, below);
  }

  private static double each(Column column, double fixedSeconds, Step step) {
    double seconds = column.of(step);
    return Math.max(seconds - fixedSeconds, seconds / 4) / step.bytes();
  }
}
