package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.CpuList;
import dev.tutti.topology.Finding;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Merges the nodes of views, one view after the other.
final class NodeMerge {
  /// What one process may use of its host; others may use more or less.
  private static final List<String> OWN =
      List.of(Attributes.CORES_ALLOWED, Attributes.MEMORY_LIMIT);

  private static final String UNKNOWN = "unknown";

  private final Topology.Builder builder;
  private final List<Finding> findings;
  private final Map<String, Node> merged = new HashMap<>();
  private final Map<String, String> idsByKey = new HashMap<>();

  /// Begins without nodes.
  ///
  /// @param builder takes the nodes
  /// @param findings takes what is odd
  NodeMerge(Topology.Builder builder, List<Finding> findings) {
    this.builder = builder;
    this.findings = findings;
  }

  /// Adds the nodes of a view.
  ///
  /// @return the id in the whole by the id in the view
  Map<String, String> add(Topology view) {
    Map<String, String> ids = new HashMap<>();
    Map<String, Integer> sameAddress = sameAddress(view);
    for (Node node : view.nodes()) {
      Node host = view.enclosing(node.id(), NodeKind.HOST);
      boolean isHost = host != null && host.id().equals(node.id());
      String hostId = host == null || isHost ? null : ids.get(host.id());
      String key =
          host == null
              ? outsideKey(view, node)
              : hostId == null ? hostKey(node) : insideKey(node, hostId, host.id(), sameAddress);
      String known = idsByKey.get(key);
      if (known != null) {
        unify(known, node);
      } else {
        known = append(node, host, hostId, node.parent() == null ? null : ids.get(node.parent()));
        idsByKey.put(key, known);
      }
      ids.put(node.id(), known);
    }
    return ids;
  }

  /// Returns how many nodes of a kind have a PCI address: ports of one function share theirs.
  private static Map<String, Integer> sameAddress(Topology view) {
    Map<String, Integer> counts = new HashMap<>();
    for (Node node : view.nodes()) {
      counts.merge(address(node), 1, Integer::sum);
    }
    return counts;
  }

  private static String address(Node node) {
    return node.kind() + " at " + node.attribute(Attributes.BUS_ID);
  }

  private static String hostKey(Node host) {
    String id = host.attribute(Attributes.HOST_ID);
    return id != null ? "host " + id : "named " + host.id();
  }

  private static String insideKey(
      Node node, String hostId, String oldHostId, Map<String, Integer> sameAddress) {
    boolean unique = Objects.equals(sameAddress.get(address(node)), 1);
    return node.attribute(Attributes.BUS_ID) != null && unique
        ? hostId + " " + address(node)
        : hostId + " " + node.kind() + " " + rest(node.id(), oldHostId);
  }

  /// Networks are the same if the same kinds of link lead to them; anything else by its id.
  private static String outsideKey(Topology view, Node node) {
    if (node.kind() != NodeKind.NETWORK) {
      return node.kind() + " " + node.id();
    }
    TreeSet<LinkKind> kinds = new TreeSet<>();
    view.linksTo(node.id()).forEach(link -> kinds.add(link.kind()));
    view.linksFrom(node.id()).forEach(link -> kinds.add(link.kind()));
    return "network " + (kinds.isEmpty() ? node.id() : kinds);
  }

  private static String rest(String id, String hostId) {
    return id.startsWith(hostId + "/") ? id.substring(hostId.length() + 1) : id;
  }

  private String append(
      Node node, @Nullable Node host, @Nullable String hostId, @Nullable String parent) {
    String wish =
        host == null || hostId == null ? node.id() : hostId + "/" + rest(node.id(), host.id());
    String id = wish;
    for (int i = 2; merged.containsKey(id); i++) {
      id = wish + "#" + i;
    }
    if (hostId == null && host != null && !id.equals(wish)) {
      findings.add(Finding.note(id, "another host has the same name"));
    }
    Node added = new Node(id, node.kind(), node.name(), parent, node.attributes());
    builder.node(added);
    merged.put(id, added);
    return id;
  }

  /// Completes a node by another view of it.
  private void unify(String id, Node other) {
    Node node = Objects.requireNonNull(merged.get(id));
    Map<String, String> attributes = new LinkedHashMap<>(node.attributes());
    other
        .attributes()
        .forEach((key, value) -> {
          String known = attributes.get(key);
          if (known == null || known.equals(UNKNOWN)) {
            attributes.put(key, value);
          } else if (!known.equals(value) && !value.equals(UNKNOWN)) {
            differ(id, node.kind(), attributes, key, value);
          }
        });
    Node completed = new Node(id, node.kind(), node.name(), node.parent(), attributes);
    if (!completed.equals(node)) {
      builder.replace(completed);
      merged.put(id, completed);
    }
  }

  private void differ(
      String id, NodeKind kind, Map<String, String> attributes, String key, String value) {
    String known = Objects.requireNonNull(attributes.get(key));
    if (kind == NodeKind.HOST && key.equals(Attributes.CPUS)) {
      attributes.put(key, union(known, value));
    } else if (kind == NodeKind.HOST && OWN.contains(key)) {
      findings.add(
          Finding.note(id, key + " is " + known + " for one rank and " + value + " for another"));
    } else {
      findings.add(contradiction(id, key, known, value));
    }
  }

  private static String union(String left, String right) {
    BitSet first = CpuList.parse(left);
    BitSet second = CpuList.parse(right);
    if (first == null || second == null) {
      return left;
    }
    first.or(second);
    return CpuList.format(first);
  }

  /// Says that two views tell different things.
  static Finding contradiction(String place, String what, Object known, Object other) {
    return Finding.warning(
        place,
        what + " is " + known + " in one view and " + other + " in another; the first is kept");
  }
}
