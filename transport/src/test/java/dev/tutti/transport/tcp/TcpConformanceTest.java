package dev.tutti.transport.tcp;

import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkConformanceTest;
import dev.tutti.transport.rendezvous.Secret;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class TcpConformanceTest extends NetworkConformanceTest {
  private final List<TcpEndpoint> endpoints = new ArrayList<>();

  /// Returns how the ranks use TCP.
  TcpOptions options() {
    return new TcpOptions(
        List.of(),
        1,
        TcpOptions.SLICE_BYTES,
        null,
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        TcpOptions.Checksum.NONE,
        false);
  }

  /// Returns where others are to reach a rank.
  List<InetSocketAddress> addresses(TcpEndpoint endpoint) {
    return List.of(endpoint.addresses().getLast());
  }

  @Override
  protected List<? extends Network> open(int members, int lanes) {
    Secret secret = Secret.random();
    List<Network> networks = new ArrayList<>();
    List<List<InetSocketAddress>> addresses = new ArrayList<>();
    for (int m = 0; m < members; m++) {
      TcpEndpoint endpoint = TcpEndpoint.open(options(), secret, 42, m);
      endpoints.add(endpoint);
      addresses.add(addresses(endpoint));
    }
    int[] ranks = IntStream.range(0, members).toArray();
    for (int m = 0; m < members; m++) {
      endpoints.get(m).peers(addresses);
      networks.add(endpoints.get(m).network(5, ranks, m, lanes, () -> {}));
    }
    return networks;
  }

  @Override
  protected void release() {
    endpoints.forEach(TcpEndpoint::close);
    endpoints.clear();
  }

  /// The same over several connections to each peer.
  @EnabledOnOs(OS.LINUX)
  static final class WithSeveralStreamsTest extends TcpConformanceTest {
    @Override
    TcpOptions options() {
      return new TcpOptions(
          List.of(),
          3,
          64 << 10,
          "reno",
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          TcpOptions.Checksum.NONE,
          false);
    }
  }

  /// The same with a checksum for every header and message.
  @EnabledOnOs(OS.LINUX)
  static final class WithChecksumTest extends TcpConformanceTest {
    @Override
    TcpOptions options() {
      return super.options().withChecksum(TcpOptions.Checksum.CRC32C).withStreamsPerPeer(2);
    }
  }

  /// The same over two rails with two connections each.
  @EnabledOnOs(OS.LINUX)
  static final class WithRailsTest extends TcpConformanceTest {
    @Override
    TcpOptions options() {
      return super.options()
          .withInterfaces(List.of("127.0.0.2", "127.0.0.3"))
          .withStreamsPerPeer(2);
    }

    @Override
    List<InetSocketAddress> addresses(TcpEndpoint endpoint) {
      return endpoint.addresses().subList(0, 2);
    }
  }

  /// The same encrypted.
  @EnabledOnOs(OS.LINUX)
  static final class WithTlsTest extends TcpConformanceTest {
    @Override
    TcpOptions options() {
      return super.options().withTls(true).withStreamsPerPeer(2);
    }
  }
}
