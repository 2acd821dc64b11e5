package dev.tutti.topology.draw;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The second lines of boxes.
final class Labels {
  private final View view;
  private final Topology topology;

  Labels(View view) {
    this.view = view;
    this.topology = view.topology();
  }

  String subtitle(Node node) {
    List<Integer> ranks = topology.ranksOn(node.id());
    boolean one = view.alike(node.id()) == 1;
    return switch (node.kind()) {
      case DEVICE -> !ranks.isEmpty() && one ? ranks(ranks) : attribute(node, Attributes.MODEL);
      case NIC -> nic(node);
      case NUMA, PACKAGE -> domain(node, one ? ranks : List.of());
      case HOST, GROUP -> host(node, one ? ranks : List.of());
      default -> "";
    };
  }

  private String host(Node node, List<Integer> ranks) {
    if (!view.children(node.id()).isEmpty() || view.isClosed(node.id())) {
      return content(node.id());
    }
    String only = view.subtitle(node.id());
    if (ranks.isEmpty()) {
      return only.isEmpty() ? content(node.id()) : only;
    }
    return only.isEmpty() ? ranks(ranks) : only + " · " + ranks(ranks);
  }

  private static String ranks(List<Integer> ranks) {
    int first = ranks.getFirst();
    int last = ranks.getLast();
    if (ranks.size() == 1) {
      return "rank " + first;
    }
    String all = ranks.toString();
    return last - first == ranks.size() - 1
        ? "ranks " + first + "–" + last
        : "ranks " + all.substring(1, all.length() - 1);
  }

  private static String attribute(Node node, String key) {
    String value = node.attribute(key);
    return value == null ? "" : value;
  }

  private String nic(Node node) {
    if ("down".equals(node.attribute(Attributes.STATE))) {
      return "down";
    }
    for (Link link : topology.linksFrom(node.id())) {
      boolean leaves = link.kind().isNetwork() || LinkHealth.of(link) == LinkHealth.MEASURED;
      Double rate = link.expectedBytesPerSecond();
      if (leaves && rate != null) {
        return Quantities.rate(rate);
      }
    }
    return "";
  }

  private static String domain(Node node, List<Integer> ranks) {
    String cpus = node.attribute(Attributes.CPUS);
    String memory = size(node.attribute(Attributes.BYTES));
    List<String> parts = new ArrayList<>();
    if (!ranks.isEmpty()) {
      parts.add(ranks(ranks));
    }
    if (cpus != null) {
      parts.add("CPUs " + cpus);
    }
    if (memory != null && parts.size() < 2) {
      parts.add(memory);
    }
    return String.join(" · ", parts);
  }

  private static @Nullable String size(@Nullable String bytes) {
    try {
      return bytes == null ? null : Quantities.bytes(Double.parseDouble(bytes));
    } catch (NumberFormatException e) {
      return null; // somebody else's attribute
    }
  }

  /// Returns what is inside of a node: `8 GPUs · 8 NICs`.
  String content(String id) {
    Map<NodeKind, Integer> counts = new EnumMap<>(NodeKind.class);
    for (String inner : view.subtree(id)) {
      if (!inner.equals(id)) {
        counts.merge(topology.node(inner).kind(), 1, Integer::sum);
      }
    }
    List<String> parts = new ArrayList<>();
    count(counts, NodeKind.HOST, "host", parts);
    count(counts, NodeKind.DEVICE, "device", parts);
    count(counts, NodeKind.NIC, "NIC", parts);
    if (parts.isEmpty()) {
      count(counts, NodeKind.NUMA, "NUMA domain", parts);
    }
    return String.join(" · ", parts);
  }

  static void count(Map<NodeKind, Integer> counts, NodeKind kind, String word, List<String> parts) {
    int count = counts.getOrDefault(kind, 0);
    if (count > 0) {
      String plural = word.endsWith("ch") ? word + "es" : word + "s";
      parts.add(count + " " + (count == 1 ? word : plural));
    }
  }
}
