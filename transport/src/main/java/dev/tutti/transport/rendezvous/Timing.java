package dev.tutti.transport.rendezvous;

/// The times of one connection, as its rank wants them.
///
/// @param intervalNanos from one heartbeat to the next
/// @param timeoutNanos the silence after which the other side counts as dead
record Timing(long intervalNanos, long timeoutNanos) {
  private static final long LEAST_INTERVAL_NANOS = 1_000_000;
  private static final long LONGEST_NANOS = 3_600_000_000_000L;

  Frame.Writer write(Frame.Writer writer) {
    return writer.putLong(intervalNanos).putLong(timeoutNanos);
  }

  static Timing read(Frame.Reader reader) throws WireFault {
    long interval = reader.getLong();
    long timeout = reader.getLong();
    if (interval < LEAST_INTERVAL_NANOS || timeout > LONGEST_NANOS || timeout / 3 < interval) {
      throw new WireFault(
          "heartbeats every " + interval + " ns with a timeout of " + timeout + " ns");
    }
    return new Timing(interval, timeout);
  }

  /// How long a rank tries to reach those that may serve next; with [#musterNanos()] and the time
  /// to notice a silence it stays below two timeouts.
  long reachNanos() {
    return timeoutNanos / 3;
  }

  /// How long a new server waits for the ranks.
  long musterNanos() {
    return timeoutNanos / 2;
  }
}
