package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The topology of one host while it is put together, and what was odd on the way.
final class HostGraph {
  /// Who tells what the kernel shows.
  static final String SYSFS = "sysfs";

  private final Topology.Builder builder;
  private final String host;
  private final Set<Finding> findings = new LinkedHashSet<>();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, String> byAddress = new LinkedHashMap<>();
  private final Map<Integer, String> numas = new TreeMap<>();

  /// Goes on with a topology that has the host and perhaps what is inside of it.
  ///
  /// @param host id of the host's node
  HostGraph(Topology.Builder builder, String host) {
    this.builder = builder;
    this.host = host;
    builder.nodes().forEach(this::index);
  }

  private void index(Node node) {
    nodes.put(node.id(), node);
    String address = node.attribute(Attributes.BUS_ID);
    if (address != null) {
      byAddress.putIfAbsent(address, node.id());
    }
    Long number = SystemFiles.parse(node.attribute(Attributes.INDEX));
    if (node.kind() == NodeKind.NUMA && number != null) {
      numas.putIfAbsent(number.intValue(), node.id());
    }
  }

  /// Returns the id of the host's node.
  String host() {
    return host;
  }

  /// Returns the id of something in the host.
  String id(String name) {
    return host + "/" + name;
  }

  /// Adds a node.
  ///
  /// @return its id
  String add(Node node) {
    builder.node(node);
    index(node);
    return node.id();
  }

  /// Adds a node below the host; attributes of null are left out.
  String add(
      String name, NodeKind kind, String display, @Nullable String parent, Attribute... known) {
    return add(
        new Node(id(name), kind, display, parent == null ? host : parent, Attribute.map(known)));
  }

  /// Adds attributes that a node does not have yet; those of null are left out.
  void complete(String id, Attribute... known) {
    Node node = node(id);
    Map<String, String> attributes = new LinkedHashMap<>(node.attributes());
    Attribute.map(known).forEach(attributes::putIfAbsent);
    Node completed = new Node(id, node.kind(), node.name(), node.parent(), attributes);
    builder.replace(completed);
    index(completed);
  }

  /// Returns a node of this host.
  Node node(String id) {
    return Objects.requireNonNull(nodes.get(id), id);
  }

  boolean has(String id) {
    return builder.hasNode(id);
  }

  List<Node> nodes() {
    return List.copyOf(nodes.values());
  }

  /// Returns the id of the node at a PCI address, null if there is none.
  @Nullable String at(@Nullable String address) {
    return address == null ? null : byAddress.get(address);
  }

  /// Returns the ids of the memory domains by number.
  Map<Integer, String> numas() {
    return numas;
  }

  /// Returns the domains that something hangs on: the one it names, the only one, or all, because
  /// every processor reaches it somehow.
  List<String> numasOf(@Nullable Integer number) {
    String named = number == null ? null : numas.get(number);
    return named != null ? List.of(named) : List.copyOf(numas.values());
  }

  /// Adds one direction.
  void link(Link link) {
    builder.link(link);
  }

  /// Adds both directions.
  void cable(Link link) {
    builder.cable(link);
  }

  /// Adds both directions of a link of which nobody tells a capacity.
  void cable(String from, String to, LinkKind kind, String origin) {
    builder.cable(Link.of(from, to, kind, null, origin));
  }

  /// Tells whether a link leads from one node to another.
  boolean linked(String from, String to) {
    return builder.links().stream()
        .anyMatch(link -> link.from().equals(from) && link.to().equals(to));
  }

  /// Returns the links added so far.
  List<Link> links() {
    return List.copyOf(builder.links());
  }

  /// Adds the network of a kind unless it is there.
  ///
  /// @return its id
  String network(LinkKind kind) {
    String id = Networks.id(kind);
    if (!builder.hasNode(id)) {
      add(Networks.node(kind));
    }
    return id;
  }

  void add(Finding finding) {
    findings.add(finding);
  }

  void note(String place, String message) {
    findings.add(Finding.note(place, message));
  }

  void warn(String place, String message) {
    findings.add(Finding.warning(place, message));
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  Topology build() {
    return builder.build();
  }
}
