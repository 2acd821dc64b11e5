package dev.tutti.topology.bound;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Topologies for tests of bounds, in GB/s.
final class Nets {
  private Nets() {}

  static Link link(String from, String to, @Nullable Double rate) {
    return Link.of(from, to, LinkKind.UNKNOWN, rate == null ? null : rate * 1e9, "test");
  }

  /// Ranks `r0`, `r1` ... around a switch `s` with ports of the given rates.
  static Topology star(double... rates) {
    Topology.Builder builder = Topology.builder("star").node("s", NodeKind.SWITCH, "s", null);
    for (int r = 0; r < rates.length; r++) {
      builder.node("r" + r, NodeKind.HOST, "r" + r, null).rank(r, "r" + r);
      builder.cable(link("r" + r, "s", rates[r]));
    }
    return builder.build();
  }

  /// Ranks that are all joined to each other, but for some pairs `0-1`.
  static Topology mesh(int ranks, double rate, List<String> missing) {
    Topology.Builder builder = Topology.builder("mesh");
    for (int r = 0; r < ranks; r++) {
      builder.node("r" + r, NodeKind.DEVICE, "r" + r, null).rank(r, "r" + r);
      for (int other = 0; other < r; other++) {
        if (!missing.contains(other + "-" + r)) {
          builder.cable(link("r" + other, "r" + r, rate));
        }
      }
    }
    return builder.build();
  }

  /// Hosts with devices around an inner switch, each with a NIC into the network; the first NIC has
  /// a rate of its own.
  static Topology islands(int hosts, int devices, double inner, double nic, double firstNic) {
    Topology.Builder builder = Topology.builder("islands").node("ib", NodeKind.SWITCH, "ib", null);
    for (int h = 0; h < hosts; h++) {
      String host = "h" + h;
      builder.node(host, NodeKind.HOST, host, null);
      builder.node(host + "/nv", NodeKind.SWITCH, "nv", host);
      for (int d = 0; d < devices; d++) {
        String device = host + "/d" + d;
        builder.node(device, NodeKind.DEVICE, "d" + d, host).rank(h * devices + d, device);
        builder.cable(link(device, host + "/nv", inner));
        builder.cable(link(device, "ib", h + d == 0 ? firstNic : nic));
      }
    }
    return builder.build();
  }

  /// A ring of both directions with further links in one direction; not every node has a rank.
  static Topology random(int seed) {
    Random random = new Random(seed);
    int nodes = 4 + random.nextInt(6);
    int ranks = 2 + random.nextInt(nodes - 2);
    Topology.Builder builder = Topology.builder("random " + seed);
    for (int v = 0; v < nodes; v++) {
      builder.node("v" + v, v < ranks ? NodeKind.DEVICE : NodeKind.SWITCH, "v" + v, null);
    }
    for (int v = 0; v < nodes; v++) {
      builder.cable(link("v" + v, "v" + (v + 1) % nodes, 1.0 + v % 3));
      int other = random.nextInt(nodes);
      if (other != v) {
        builder.link(link("v" + v, "v" + other, 1.0 + random.nextInt(9)));
      }
    }
    for (int r = 0; r < ranks; r++) {
      builder.rank(r, "v" + r);
    }
    return builder.build();
  }
}
