package dev.tutti.collectives.simulate;

import dev.tutti.topology.probe.MessageCosts;
import dev.tutti.topology.probe.MessageCosts.Step;
import dev.tutti.topology.probe.Profile;
import org.jspecify.annotations.Nullable;

/// What messages cost the ranks themselves where that was measured ([MessageCosts]), for a vector
/// of one size: caches make small ones cheaper.
///
/// @param latencySeconds of every message between nodes, instead of that of the links; negative for
///   that of the links
/// @param aloneBytesPerSecond what one message between nodes is known to reach; 0 if nothing is
/// @param endSecondsPerByte what a byte between nodes costs the processor of its sender, and as
///   much that of its receiver
/// @param burstBytes what every link between nodes carries at once after a pause, beyond its rate
/// @param bufferBytes what the system takes from a sender, for each receiver, before it has left;
///   negative for nothing
public record MessageModel(
    double latencySeconds,
    double aloneBytesPerSecond,
    double endSecondsPerByte,
    double burstBytes,
    double bufferBytes) {
  // What Linux lets the send buffer of a socket grow to by itself (tcp_wmem), where nobody has
  // asked.
  private static final double SOCKET_BYTES = 4 << 20;

  /// Nothing was measured: links decide alone.
  public static final MessageModel NONE = new MessageModel(-1, 0, 0, 0, -1);

  /// Returns options with what a profile tells of messages, for vectors of some size; the same
  /// options if it tells nothing.
  ///
  /// @param usual what else is assumed
  public static SimulationOptions options(
      SimulationOptions usual, @Nullable Profile profile, long bytes) {
    MessageCosts costs = profile == null ? null : profile.messages();
    if (costs == null) {
      return usual;
    }
    double buffer = costs.bufferBytes() > 0 ? costs.bufferBytes() : SOCKET_BYTES;
    double gap = costs.gapSeconds();
    double latency = costs.latencySeconds();
    double alone = costs.secondsPerByte(Step::oneWaySeconds, latency, bytes);
    double both = costs.secondsPerByte(Step::bothWaysSeconds, latency, bytes);
    // A link that saves up looks faster than it is, and shows what it carries by itself.
    MessageModel model =
        costs.burstBytes() > 0
            ? new MessageModel(Math.max(0, latency - gap), 0, 0, costs.burstBytes(), buffer)
            : new MessageModel(Math.max(0, latency - gap), 1 / alone, both / 2, 0, buffer);
    return usual
        .withCosts(
            gap,
            costs.secondsPerByte(Step::reduceSeconds, 0, bytes),
            costs.secondsPerByte(Step::copySeconds, 0, bytes))
        .withMessages(model);
  }
}
