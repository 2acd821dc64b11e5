package dev.tutti.transport.rendezvous;

import java.time.Duration;

/// How a rank notices that others are silent, and what it does when the rendezvous is lost.
///
/// Each rank brings its own options; all ranks of a job should have the same. A rank tells them to
/// the server when it joins, and the server holds to them on that rank's connection, so that a
/// launcher needs none.
///
/// A process that dies is noticed at once, by its closed connection. Heartbeats are for what closes
/// nothing: a stopped process, an unreachable host, a connection that is only half open. The
/// defaults, one beat in 500 ms and 5 s of patience, outlast a full garbage collection of some
/// gigabytes and four lost TCP segments in a row; a rank that is declared dead by mistake costs
/// more than the seconds.
///
/// @param heartbeatInterval how often either side of a quiet connection says that it is alive
/// @param heartbeatTimeout the silence after which the other side counts as dead; at least three
///   intervals
/// @param takeover whether a rank may go on serving when the rendezvous is lost
/// @param tls whether connections to the rendezvous are encrypted with TLS 1.3, which every server
///   understands
public record MembershipOptions(
    Duration heartbeatInterval, Duration heartbeatTimeout, Takeover takeover, boolean tls) {

  private static final Duration LEAST_INTERVAL = Duration.ofMillis(1);
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);
  private static final int LEAST_BEATS = 3;
  private static final MembershipOptions DEFAULTS =
      new MembershipOptions(
          Duration.ofMillis(500), Duration.ofSeconds(5), Takeover.FROM_RANK, false);

  /// When a rank takes over a lost rendezvous.
  public enum Takeover {
    /// Never: with the rendezvous the control plane is gone.
    NEVER,
    /// Where a rank served. A launcher owns its job: when it dies, the job ends.
    FROM_RANK,
    /// Always: the ranks outlive a launcher.
    ALWAYS
  }

  /// Checks the options.
  ///
  /// @throws IllegalArgumentException if they cannot work together
  public MembershipOptions {
    if (heartbeatInterval.compareTo(LEAST_INTERVAL) < 0) {
      throw new IllegalArgumentException(
          "heartbeatInterval must be at least 1 ms, is " + heartbeatInterval);
    }
    if (heartbeatTimeout.compareTo(LONGEST_TIMEOUT) > 0
        || heartbeatInterval.compareTo(heartbeatTimeout.dividedBy(LEAST_BEATS)) > 0) {
      throw new IllegalArgumentException(
          "heartbeatTimeout must be at least three intervals ("
              + heartbeatInterval
              + ") and at most 1 h, is "
              + heartbeatTimeout);
    }
  }

  /// Returns 500 ms, 5 s, and takeover where a rank served.
  public static MembershipOptions defaults() {
    return DEFAULTS;
  }

  /// Returns the same options with other times.
  public MembershipOptions withHeartbeat(Duration interval, Duration timeout) {
    return new MembershipOptions(interval, timeout, takeover, tls);
  }

  /// Returns the same options with another takeover.
  public MembershipOptions withTakeover(Takeover value) {
    return new MembershipOptions(heartbeatInterval, heartbeatTimeout, value, tls);
  }

  /// Returns the same options with or without encryption.
  public MembershipOptions withTls(boolean value) {
    return new MembershipOptions(heartbeatInterval, heartbeatTimeout, takeover, value);
  }

  Timing timing() {
    return new Timing(heartbeatInterval.toNanos(), heartbeatTimeout.toNanos());
  }
}
