package dev.tutti.topology.probe;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The topology that measurements alone show: hosts, the switches that explain what they share, and
/// what each link carried.
///
/// A switch stands for what joins the members of a group; whether that is one switch or many cannot
/// be seen from outside. A group of which nothing was ever the bottleneck has an uplink of unknown
/// capacity.
public final class MeasuredTopology {
  private static final String ORIGIN = "probe";
  private static final String ROOT = "network";

  private final Profile profile;
  private final Topology.Builder builder;

  private MeasuredTopology(Profile profile) {
    this.profile = profile;
    this.builder = Topology.builder("measured: " + profile.ranks() + " ranks");
    builder.attribute(Attributes.SOURCE, "probe over " + profile.transport());
  }

  /// Makes the topology of a profile. Every rank is placed on its host.
  public static Topology of(Profile profile) {
    return new MeasuredTopology(profile).make();
  }

  /// Adds what was measured to what was discovered: the NIC of each prober leads to the switch that
  /// its group shares, with the measured rate of the port; groups lead to the network with what was
  /// measured of their uplinks.
  ///
  /// @param discovered the hosts of the same ranks, every rank placed
  /// @throws IllegalArgumentException if a rank is not placed in a host
  public static Topology of(Profile profile, Topology discovered) {
    return new DiscoveredPorts(profile, discovered).make();
  }

  private Topology make() {
    NetworkMap network = profile.network();
    if (network == null) {
      host(0, null);
    } else {
      builder.node(ROOT, NodeKind.SWITCH, "network", null);
      group(network, network.root(), ROOT, null, "group");
    }
    return builder.build();
  }

  private void group(
      NetworkMap network, NetworkGroup group, String joint, @Nullable String box, String name) {
    List<NetworkGroup> parts = group.parts();
    if (parts.isEmpty()) {
      for (int prober : group.members()) {
        String nic = host(prober, box);
        double out = network.outBytesPerSecond().get(prober);
        double in = network.inBytesPerSecond().get(prober);
        builder.link(measured(nic, joint, out)).link(measured(joint, nic, in));
      }
      return;
    }
    for (int i = 0; i < parts.size(); i++) {
      NetworkGroup part = parts.get(i);
      String label = name.equals("group") ? "group " + i : name + "." + i;
      String id = label.replace(' ', '-');
      String inner = builderGroup(id, label, box);
      String joined = inner + "/switch";
      builder.node(joined, NodeKind.SWITCH, "switch of " + label, inner);
      builder.link(uplink(joined, joint, part.upBytesPerSecond()));
      builder.link(uplink(joint, joined, part.downBytesPerSecond()));
      group(network, part, joined, inner, label);
    }
  }

  private String builderGroup(String id, String label, @Nullable String box) {
    String path = box == null ? id : box + "/" + id;
    builder.node(path, NodeKind.GROUP, label, box);
    return path;
  }

  /// Adds a host with its ranks; returns the node that its network link starts from.
  private String host(int number, @Nullable String box) {
    String name = profile.hosts().get(number);
    String id = (box == null ? "" : box + "/") + "host" + number;
    builder.node(id, NodeKind.HOST, name, box);
    Map<Integer, String> ranks = new LinkedHashMap<>();
    for (RankPlace place : profile.places()) {
      if (place.host().equals(name)) {
        String core = id + "/rank" + place.rank();
        builder.node(core, NodeKind.CORE, "rank " + place.rank(), id);
        builder.rank(place.rank(), core);
        ranks.put(place.rank(), core);
      }
    }
    for (PairProfile pair : profile.pairsWithin(name)) {
      builder.link(
          measured(
              ranks.getOrDefault(pair.from(), id),
              ranks.getOrDefault(pair.to(), id),
              LinkKind.MEMORY,
              pair));
    }
    if (profile.network() == null) {
      return id;
    }
    RankPlace prober = profile.places().get(profile.probers().get(number));
    String port = prober.interfaces().isEmpty() ? "port" : prober.interfaces().getFirst();
    Map<String, String> attributes = new LinkedHashMap<>();
    if (!prober.addresses().isEmpty()) {
      attributes.put(Attributes.ADDRESS, prober.addresses().getFirst());
    }
    String nic = id + "/" + port;
    builder.node(new Node(nic, NodeKind.NIC, port, id, attributes));
    for (String core : new ArrayList<>(ranks.values())) {
      builder.cable(Link.of(core, nic, LinkKind.UNKNOWN, null, ORIGIN));
    }
    return nic;
  }

  static Link measured(String from, String to, double rate) {
    return Link.of(from, to, LinkKind.UNKNOWN, null, ORIGIN).withMeasured(Measurement.ofRate(rate));
  }

  static Link uplink(String from, String to, @Nullable Double rate) {
    Link link = Link.of(from, to, LinkKind.UNKNOWN, null, ORIGIN);
    return rate == null ? link : link.withMeasured(Measurement.ofRate(rate));
  }

  private static Link measured(String from, String to, LinkKind kind, PairProfile pair) {
    Link link = Link.of(from, to, kind, null, ORIGIN);
    Estimate rate = pair.bytesPerSecond();
    Estimate latency = pair.latencySeconds();
    return rate == null
        ? link
        : link.withMeasured(
            new Measurement(
                rate.median(),
                rate.low(),
                rate.high(),
                latency == null ? null : Double.valueOf(latency.median())));
  }
}
