package dev.tutti.topology.probe;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Joins what was measured of ports and groups with the NICs that discovery has found.
final class DiscoveredPorts {
  private static final String ORIGIN = "probe";

  private final Profile profile;
  private final Topology discovered;
  private final Topology.Builder builder;
  private final List<Link> links;

  DiscoveredPorts(Profile profile, Topology discovered) {
    this.profile = profile;
    this.discovered = discovered;
    this.builder = discovered.toBuilder();
    this.links = new ArrayList<>(discovered.links());
  }

  Topology make() {
    NetworkMap network = profile.network();
    if (network == null) {
      return discovered;
    }
    String root = root(network);
    group(network, network.root(), root, "group");
    return builder.links(links).build();
  }

  /// Returns the network that the first prober's port leads to, or a new one if it leads nowhere.
  private String root(NetworkMap network) {
    String nic = nic(network.root().members().getFirst());
    for (Link link : discovered.linksFrom(nic)) {
      if (discovered.node(link.to()).kind() == NodeKind.NETWORK) {
        return link.to();
      }
    }
    builder.node("network", NodeKind.NETWORK, "network", null);
    return "network";
  }

  private void group(NetworkMap network, NetworkGroup group, String joint, String name) {
    if (group.parts().isEmpty()) {
      for (int prober : group.members()) {
        String nic = nic(prober);
        join(nic, joint, network.outBytesPerSecond().get(prober));
        join(joint, nic, network.inBytesPerSecond().get(prober));
      }
      return;
    }
    for (int i = 0; i < group.parts().size(); i++) {
      NetworkGroup part = group.parts().get(i);
      String label = name.equals("group") ? "group " + i : name + "." + i;
      String id = label.replace(' ', '-');
      builder.node(id, NodeKind.SWITCH, "switch of " + label, null);
      links.add(MeasuredTopology.uplink(id, joint, part.upBytesPerSecond()));
      links.add(MeasuredTopology.uplink(joint, id, part.downBytesPerSecond()));
      group(network, part, id, label);
    }
  }

  /// Adds the measurement to the link that discovery has found on this way, which may have to lead
  /// to a switch of a group now, or adds a link.
  private void join(String from, String to, double rate) {
    boolean sends = builder.hasNode(from) && isNic(from);
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      String near = sends ? link.from() : link.to();
      String far = sends ? link.to() : link.from();
      if (near.equals(sends ? from : to) && isNetwork(far)) {
        links.set(i, moved(link, from, to).withMeasured(Measurement.ofRate(rate)));
        return;
      }
    }
    links.add(MeasuredTopology.measured(from, to, rate));
  }

  private static Link moved(Link link, String from, String to) {
    return new Link(
        from,
        to,
        link.kind(),
        link.lanes(),
        link.capacityBytesPerSecond(),
        link.latencySeconds(),
        null,
        link.origin(),
        link.attributes());
  }

  private boolean isNic(String id) {
    return discovered.hasNode(id) && discovered.node(id).kind() == NodeKind.NIC;
  }

  private boolean isNetwork(String id) {
    return discovered.hasNode(id) && discovered.node(id).kind() == NodeKind.NETWORK;
  }

  /// Returns the NIC that a prober talks over; one is added if discovery has not found it.
  private String nic(int prober) {
    RankPlace place = profile.places().get(profile.probers().get(prober));
    String rank = Objects.requireNonNullElse(discovered.ranks().get(place.rank()), "");
    Node host = rank.isEmpty() ? null : discovered.enclosing(rank, NodeKind.HOST);
    if (host == null) {
      throw new IllegalArgumentException("rank " + place.rank() + " is not placed in a host");
    }
    String name = place.interfaces().isEmpty() ? "port" : place.interfaces().getFirst();
    String found = find(host.id(), name);
    if (found != null) {
      return found;
    }
    String id = host.id() + "/" + name;
    if (!builder.hasNode(id)) {
      builder.node(id, NodeKind.NIC, name, host.id());
      Link link = Link.of(rank, id, LinkKind.UNKNOWN, null, ORIGIN);
      links.add(link);
      links.add(link.reversed());
    }
    return id;
  }

  private @Nullable String find(String box, String name) {
    for (Node child : discovered.children(box)) {
      if (child.kind() == NodeKind.NIC && child.name().equals(name)) {
        return child.id();
      }
      String inside = find(child.id(), name);
      if (inside != null) {
        return inside;
      }
    }
    return null;
  }
}
