package dev.tutti.transport.ucx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.ucx.Ucx;
import dev.tutti.transport.rendezvous.Secret;
import dev.tutti.transport.tcp.TcpEndpoint;
import dev.tutti.transport.tcp.TcpOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The endpoints of ranks that are threads of this JVM.
final class UcxRanks implements AutoCloseable {
  static final int SLICE_BYTES = 256 << 10;

  private final Map<String, String> settings;
  private final boolean loopback;
  private final List<TcpEndpoint> controls = new ArrayList<>();
  private final List<UcxEndpoint> endpoints = new ArrayList<>();

  /// @param settings of UCX; without devices the ranks reach each other by the host's outer address
  UcxRanks(Map<String, String> settings) {
    this.settings = settings;
    this.loopback = !(settings.containsValue("tcp,self") && settings.size() == 1);
  }

  static void assumeUcx() {
    String problem = null;
    try {
      Path _ = Ucx.load();
    } catch (LibraryNotFoundException e) {
      problem = e.getMessage();
    }
    assumeTrue(problem == null, problem);
  }

  /// Returns an address of this host that is not the loopback one, null if there is none.
  static @Nullable InetAddress outerAddress() {
    try (TcpEndpoint endpoint = TcpEndpoint.open(TcpOptions.standard(), Secret.random(), 1, 0)) {
      return endpoint.addresses().stream()
          .map(InetSocketAddress::getAddress)
          .filter(a -> !a.isLoopbackAddress())
          .findFirst()
          .orElse(null);
    }
  }

  List<UcxNetwork> open(int members, int lanes) {
    Secret secret = Secret.random();
    List<List<InetSocketAddress>> addresses = new ArrayList<>();
    for (int m = 0; m < members; m++) {
      TcpEndpoint control = TcpEndpoint.open(TcpOptions.standard(), secret, 42, m);
      controls.add(control);
      addresses.add(
          control.addresses().stream()
              .filter(a -> a.getAddress().isLoopbackAddress() == loopback)
              .toList());
    }
    Map<String, String> all =
        new HashMap<>((loopback ? UcxAccess.HOST : UcxAccess.TRUSTED_NETWORK).settings());
    all.putAll(settings);
    UcxOptions options =
        new UcxOptions(SLICE_BYTES, Duration.ofSeconds(20), Duration.ofSeconds(20), all);
    int[] ranks = IntStream.range(0, members).toArray();
    List<UcxNetwork> networks = new ArrayList<>();
    for (int m = 0; m < members; m++) {
      controls.get(m).peers(addresses);
      UcxEndpoint endpoint = UcxEndpoint.open(options, controls.get(m));
      endpoints.add(endpoint);
      networks.add(endpoint.network(5, ranks, m, lanes, () -> {}));
    }
    return networks;
  }

  @Override
  public void close() {
    endpoints.forEach(UcxEndpoint::close);
    controls.forEach(TcpEndpoint::close);
    endpoints.clear();
    controls.clear();
  }
}
