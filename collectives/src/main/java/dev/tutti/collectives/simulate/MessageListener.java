package dev.tutti.collectives.simulate;

/// Hears of each message of a simulation when it has arrived, in the order of arrival.
@FunctionalInterface
public interface MessageListener {
  /// A message has arrived in full.
  ///
  /// @param lane the lane of the sender
  /// @param chunk the chunk of the partition
  /// @param bytes of the chunk; chunks are cut without rounding, see [Simulator]
  /// @param startSeconds when its first byte left
  /// @param endSeconds when its last byte arrived
  void message(
      int from, int to, int lane, int chunk, double bytes, double startSeconds, double endSeconds);
}
