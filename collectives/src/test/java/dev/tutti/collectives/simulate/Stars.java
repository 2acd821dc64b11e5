package dev.tutti.collectives.simulate;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;

/// Topologies of hosts around one switch, and options under which times can be computed by hand.
final class Stars {
  static final double RATE = 1e9;
  static final double LATENCY = 10e-6; // from host to host

  private Stars() {}

  /// Makes a star with one rank on each host: full-duplex links of [#RATE], [#LATENCY] over both.
  static Topology of(int ranks) {
    double[] rates = new double[ranks];
    java.util.Arrays.fill(rates, RATE);
    return ofRates(rates);
  }

  /// Makes a star whose host h has links of `rates[h]` both ways.
  static Topology ofRates(double... rates) {
    Topology.Builder builder = Topology.builder("star");
    builder.node("switch", NodeKind.SWITCH, "switch", null);
    for (int h = 0; h < rates.length; h++) {
      String id = "host" + h;
      builder.node(id, NodeKind.HOST, id, null);
      builder.rank(h, id);
      builder.cable(
          Link.of(id, "switch", LinkKind.ETHERNET, rates[h], "test").withLatency(LATENCY / 2));
    }
    return builder.build();
  }

  /// Returns options in which only links cost anything and every message is one slice.
  static SimulationOptions linksOnly() {
    return SimulationOptions.ofProcesses().withCosts(0, 0, 0).withSliceBytes(1L << 40);
  }
}
