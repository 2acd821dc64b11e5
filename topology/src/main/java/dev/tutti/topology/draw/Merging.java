package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Leaves out of a picture what says nothing: cores and caches, a package around one NUMA domain,
/// bridges that only pass on.
final class Merging {
  private final View view;
  private final Topology topology;
  private final Map<String, List<Node>> members = new HashMap<>();

  private Merging(View view) {
    this.view = view;
    this.topology = view.topology();
  }

  static void apply(View view) {
    Merging merging = new Merging(view);
    for (Node node : view.topology().nodes()) {
      if (isDetail(node) && node.parent() != null) {
        view.show(node.id(), node.parent());
      }
    }
    for (Node node : view.topology().nodes()) {
      merging.domain(node);
    }
    for (Node node : view.topology().nodes(NodeKind.HOST)) {
      merging.host(node);
    }
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Node node : view.topology().nodes(NodeKind.PCI_BRIDGE)) {
        changed |= view.isDrawn(node.id()) && merging.bridge(node);
      }
    }
  }

  private static boolean isDetail(Node node) {
    return node.kind() == NodeKind.CORE || node.kind() == NodeKind.CACHE;
  }

  static boolean isDomain(Node node) {
    return node.kind() == NodeKind.NUMA || node.kind() == NodeKind.PACKAGE;
  }

  /// Shows a package as the NUMA domain in it, or the first of them, and the other way round.
  private void domain(Node outer) {
    if (!isDomain(outer)) {
      return;
    }
    List<Node> inner = view.children(outer.id()).stream().filter(Merging::isDomain).toList();
    if (inner.isEmpty() || !view.isDrawn(outer.id())) {
      return;
    }
    inner.forEach(
        child -> view.setTitle(child.id(), view.title(outer) + " · " + view.title(child)));
    view.show(outer.id(), inner.getFirst().id());
  }

  /// Draws a host in which there is one thing only as one box.
  private void host(Node host) {
    List<Node> inside = view.children(host.id());
    if (inside.size() == 1 && view.children(inside.getFirst().id()).isEmpty()) {
      Node only = inside.getFirst();
      view.setSubtitle(host.id(), view.title(only));
      view.show(only.id(), host.id());
    }
  }

  /// Merges a bridge that has a bridge on one side and one thing on the other, or nothing at all.
  private boolean bridge(Node bridge) {
    Set<String> neighbours = new LinkedHashSet<>();
    for (Node member : members.getOrDefault(bridge.id(), List.of(bridge))) {
      if (!collect(member, neighbours)) {
        return false;
      }
    }
    neighbours.remove(bridge.id());
    if (neighbours.size() == 1) {
      return merge(bridge, neighbours.iterator().next());
    }
    if (neighbours.size() != 2) {
      return false;
    }
    for (String neighbour : neighbours) {
      if (topology.node(neighbour).kind() == NodeKind.PCI_BRIDGE) {
        return merge(bridge, neighbour);
      }
    }
    return false;
  }

  private boolean merge(Node bridge, String into) {
    view.show(bridge.id(), into);
    if (view.isDrawn(bridge.id())) {
      return false;
    }
    List<Node> together = new ArrayList<>(members.getOrDefault(into, List.of(topology.node(into))));
    together.addAll(members.getOrDefault(bridge.id(), List.of(bridge)));
    members.put(into, together);
    return true;
  }

  /// Collects what a bridge is joined to; false if one of the links is ill and must be seen.
  private boolean collect(Node bridge, Set<String> neighbours) {
    for (Link link : topology.linksFrom(bridge.id())) {
      neighbours.add(view.shown(link.to()));
      if (LinkHealth.of(link).isIll()) {
        return false;
      }
    }
    for (Link link : topology.linksTo(bridge.id())) {
      neighbours.add(view.shown(link.from()));
      if (LinkHealth.of(link).isIll()) {
        return false;
      }
    }
    return true;
  }
}
