package dev.tutti.transport.tcp;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How ranks use TCP.
///
/// @param interfaces names or addresses of the network interfaces to use, each of them a rail: the
///   i-th of one rank talks to the i-th of another; empty for any
/// @param streamsPerPeer connections to each peer over each rail, at least 1
/// @param sliceBytes largest message
/// @param congestionControl name of the congestion control, null for the system's; within a host
///   and instead of `bbr` it is `cubic` unless said otherwise
/// @param connectTimeout how long a peer may take to answer
/// @param reconnectTimeout how long a broken connection may stay broken before its peer counts as
///   unreachable
/// @param checksum what protects data beyond TCP's own checksum, the same on all ranks
/// @param tls whether connections are encrypted with TLS 1.3, the same on all ranks
public record TcpOptions(
    List<String> interfaces,
    int streamsPerPeer,
    int sliceBytes,
    @Nullable String congestionControl,
    Duration connectTimeout,
    Duration reconnectTimeout,
    Checksum checksum,
    boolean tls) {

  /// What protects data beyond TCP's own checksum.
  public enum Checksum {
    /// Nothing.
    NONE,
    /// CRC32C over every header and every message; what is damaged is sent again.
    CRC32C
  }

  /// The usual size of a slice: large enough for few system calls, small enough for the level 2
  /// cache. Over loopback 1 MiB is 5 to 25 % faster than 256 KiB from 4 MiB on.
  public static final int SLICE_BYTES = 1 << 20;

  /// How long a broken connection may usually stay broken.
  public static final Duration RECONNECT_TIMEOUT = Duration.ofSeconds(3);

  /// Checks the ranges.
  public TcpOptions {
    interfaces = List.copyOf(interfaces);
    if (streamsPerPeer < 1 || streamsPerPeer > 64) {
      throw new IllegalArgumentException(
          "streamsPerPeer is " + streamsPerPeer + ", expected 1 to 64");
    }
    if (sliceBytes < 4096 || sliceBytes % 4096 != 0 || sliceBytes > 64 << 20) {
      throw new IllegalArgumentException(
          "sliceBytes is " + sliceBytes + ", expected a multiple of 4096 up to 64 MiB");
    }
    if (reconnectTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "reconnectTimeout is " + reconnectTimeout + ", expected 0 or more");
    }
  }

  /// Returns the number of connections to each peer.
  int streams() {
    return streamsPerPeer * Math.max(1, interfaces.size());
  }

  /// Returns the usual options.
  public static TcpOptions standard() {
    return new TcpOptions(
        List.of(),
        1,
        SLICE_BYTES,
        null,
        Duration.ofSeconds(30),
        RECONNECT_TIMEOUT,
        Checksum.NONE,
        false);
  }

  /// Returns the same options with other rails.
  public TcpOptions withInterfaces(List<String> value) {
    return new TcpOptions(
        value,
        streamsPerPeer,
        sliceBytes,
        congestionControl,
        connectTimeout,
        reconnectTimeout,
        checksum,
        tls);
  }

  /// Returns the same options with another number of connections to each peer.
  public TcpOptions withStreamsPerPeer(int value) {
    return new TcpOptions(
        interfaces,
        value,
        sliceBytes,
        congestionControl,
        connectTimeout,
        reconnectTimeout,
        checksum,
        tls);
  }

  /// Returns the same options with another size of a slice.
  public TcpOptions withSliceBytes(int value) {
    return new TcpOptions(
        interfaces,
        streamsPerPeer,
        value,
        congestionControl,
        connectTimeout,
        reconnectTimeout,
        checksum,
        tls);
  }

  /// Returns the same options with another time that a connection may stay broken.
  public TcpOptions withReconnectTimeout(Duration value) {
    return new TcpOptions(
        interfaces,
        streamsPerPeer,
        sliceBytes,
        congestionControl,
        connectTimeout,
        value,
        checksum,
        tls);
  }

  /// Returns the same options with another protection of the data.
  public TcpOptions withChecksum(Checksum value) {
    return new TcpOptions(
        interfaces,
        streamsPerPeer,
        sliceBytes,
        congestionControl,
        connectTimeout,
        reconnectTimeout,
        value,
        tls);
  }

  /// Returns the same options with or without encryption.
  public TcpOptions withTls(boolean value) {
    return new TcpOptions(
        interfaces,
        streamsPerPeer,
        sliceBytes,
        congestionControl,
        connectTimeout,
        reconnectTimeout,
        checksum,
        value);
  }
}
