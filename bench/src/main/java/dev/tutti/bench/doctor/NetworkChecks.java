package dev.tutti.bench.doctor;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// TCP, network interfaces and RDMA.
final class NetworkChecks {
  private static final int WAIT_MILLIS = 5000;
  private static final byte[] GREETING = {'t', 'u', 't', 't', 'i'};
  private static final double BYTES_PER_GIGABIT = 125e6;

  private NetworkChecks() {}

  static List<Check> all(Topology topology) {
    List<Check> checks = new ArrayList<>();
    checks.add(loopback().needed());
    List<Node> nics =
        topology.nodes().stream().filter(node -> node.kind() == NodeKind.NIC).toList();
    nics.forEach(nic -> checks.add(nic(topology, nic)));
    checks.add(rdma(nics));
    return checks;
  }

  private static Check loopback() {
    String name = "loopback TCP";
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 1, loopback);
        Socket client = new Socket()) {
      server.setSoTimeout(WAIT_MILLIS);
      client.connect(new InetSocketAddress(loopback, server.getLocalPort()), WAIT_MILLIS);
      try (Socket accepted = server.accept()) {
        accepted.setSoTimeout(WAIT_MILLIS);
        client.getOutputStream().write(GREETING);
        byte[] got = accepted.getInputStream().readNBytes(GREETING.length);
        return Arrays.equals(got, GREETING)
            ? Check.ok(name, loopback.getHostAddress() + " answers")
            : Check.broken(name, loopback + " gives back other bytes", "find out who answers");
      }
    } catch (IOException e) {
      return Check.broken(
          name,
          loopback + ": " + e.getMessage(),
          "set the interface lo up: ip link set lo up; see to it that no firewall rule is on it");
    }
  }

  private static Check nic(Topology topology, Node nic) {
    String state = Objects.requireNonNullElse(nic.attribute(Attributes.STATE), "unknown");
    Double speed =
        topology.linksFrom(nic.id()).stream()
            .filter(link -> link.kind().isNetwork())
            .map(Link::bestKnownBytesPerSecond)
            .filter(Objects::nonNull)
            .max(Double::compare)
            .orElse(null);
    String found =
        Stream.of(
                state,
                speed == null
                    ? null
                    : String.format(Locale.ROOT, "%.4g Gbit/s", speed / BYTES_PER_GIGABIT),
                labelled("MTU ", nic.attribute(Attributes.MTU)),
                nic.attribute(Attributes.VIRTUAL),
                nic.attribute(Attributes.DRIVER),
                labelled("RDMA ", nic.attribute(Attributes.RDMA)))
            .filter(Objects::nonNull)
            .collect(Collectors.joining(", "));
    if (!state.equals("down")) {
      return Check.ok(nic.name(), found);
    }
    boolean isHardware = nic.attribute(Attributes.VIRTUAL) == null;
    return Check.missing(
        nic.name(),
        found,
        isHardware
            ? "no data goes through it: see its cable, ip link set " + nic.name() + " up"
            : "");
  }

  private static @Nullable String labelled(String label, @Nullable String value) {
    return value == null ? null : label + value;
  }

  private static Check rdma(List<Node> nics) {
    String name = "RDMA";
    List<String> ports =
        nics.stream().map(nic -> nic.attribute(Attributes.RDMA)).filter(Objects::nonNull).toList();
    if (ports.isEmpty()) {
      return Check.missing(name, "no InfiniBand or RoCE port", "");
    }
    DeviceFiles files = DeviceFiles.find("/dev/infiniband", "uverbs[0-9]*");
    String found = ports.size() + " ports, " + files.describe();
    return files.areUsable()
        ? Check.ok(name, found)
        : Check.broken(name, found, "give the user /dev/infiniband/uverbs* (containers: --device)");
  }
}
