package dev.tutti.topology.draw;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Folds what is alike in a large topology: of equal hosts, groups and switches the first is drawn
/// and stands for all. One with an ill link is drawn by itself.
final class Folding {
  /// So many of those that are ill are drawn; further ones fold with their like.
  private static final int ILL = 12;

  /// So many of those that are ill keep their inside where boxes are scarce.
  private static final int OPEN_ILL = 3;

  private static final Set<NodeKind> FOLDING =
      Set.of(NodeKind.HOST, NodeKind.GROUP, NodeKind.SWITCH);

  private final View view;
  private final Topology topology;
  private final DrawingOptions options;

  private Folding(View view, DrawingOptions options) {
    this.view = view;
    this.topology = view.topology();
    this.options = options;
  }

  static void apply(View view, DrawingOptions options) {
    Folding folding = new Folding(view, options);
    if (folding.items() > options.maxItems() || folding.isWide()) {
      folding.level(view.roots());
      folding.closeMost();
    }
  }

  /// Returns how many boxes would be drawn.
  private int items() {
    int items = 0;
    for (Node node : topology.nodes()) {
      items += node.kind() != NodeKind.GROUP && isShownByItself(node) ? 1 : 0;
    }
    return items;
  }

  private boolean isShownByItself(Node node) {
    return view.isDrawn(node.id());
  }

  private boolean isWide() {
    if (isTooMany(view.roots())) {
      return true;
    }
    return topology.nodes().stream()
        .anyMatch(node -> FOLDING.contains(node.kind()) && isTooMany(view.children(node.id())));
  }

  private boolean isTooMany(List<Node> siblings) {
    for (NodeKind kind : FOLDING) {
      if (siblings.stream().filter(node -> node.kind() == kind).count() > options.maxHosts()) {
        return true;
      }
    }
    return false;
  }

  private void level(List<Node> siblings) {
    for (NodeKind kind : List.of(NodeKind.GROUP, NodeKind.HOST, NodeKind.SWITCH)) {
      List<Node> same = siblings.stream().filter(node -> node.kind() == kind).toList();
      int most = options.maxHosts();
      boolean scarce = kind != NodeKind.SWITCH && items() > options.maxItems();
      if (same.size() > most || (scarce && same.size() > 2)) {
        fold(same, most);
      }
    }
    for (Node node : siblings) {
      boolean holdsSome = node.kind() == NodeKind.GROUP || node.kind() == NodeKind.HOST;
      if (holdsSome && view.isDrawn(node.id())) {
        level(view.children(node.id()));
      }
    }
  }

  /// Folds siblings that have the same neighbours; if that leaves too many, those that have
  /// neighbours of the same kind.
  private void fold(List<Node> siblings, int most) {
    Map<String, List<Node>> classes = classes(siblings, true);
    if (classes.size() > most) {
      classes = classes(siblings, false);
    }
    for (List<Node> equal : classes.values()) {
      List<String> drawn = view.subtree(equal.getFirst().id());
      for (Node other : equal.subList(1, equal.size())) {
        List<String> inner = view.subtree(other.id());
        for (int i = 0; i < inner.size(); i++) {
          if (view.isDrawn(inner.get(i))) {
            view.show(inner.get(i), drawn.get(i));
          }
        }
      }
      drawn.forEach(id -> view.setAlike(id, equal.size()));
    }
  }

  private Map<String, List<Node>> classes(List<Node> siblings, boolean exact) {
    Map<String, List<Node>> classes = new LinkedHashMap<>();
    int ill = 0;
    for (Node node : siblings) {
      String signature = signature(node, exact);
      if (illness(node).isIll() && ill < ILL) {
        signature = "ill " + ill++;
      }
      classes.computeIfAbsent(signature, _ -> new ArrayList<>()).add(node);
    }
    return classes;
  }

  /// Returns the worst of the links inside and at a node and what is inside of it. What is slow
  /// between a host and a switch counts for the host only.
  private LinkHealth illness(Node node) {
    boolean isSwitch = node.kind() == NodeKind.SWITCH;
    LinkHealth worst = LinkHealth.GOOD;
    for (String id : view.subtree(node.id())) {
      for (Link link : topology.linksFrom(id)) {
        worst = isSwitch && !isSwitch(link.to()) ? worst : worst.worse(LinkHealth.of(link));
      }
      for (Link link : topology.linksTo(id)) {
        worst = isSwitch && !isSwitch(link.from()) ? worst : worst.worse(LinkHealth.of(link));
      }
    }
    return worst;
  }

  private boolean isSwitch(String id) {
    return topology.node(id).kind() == NodeKind.SWITCH;
  }

  /// Returns a text that is equal for nodes that look the same with all that is inside.
  private String signature(Node node, boolean exact) {
    List<String> ids = view.subtree(node.id());
    Map<String, Integer> index = new HashMap<>();
    ids.forEach(id -> index.put(id, index.size()));
    StringBuilder text = new StringBuilder();
    for (String id : ids) {
      Node inner = topology.node(id);
      text.append(inner.kind()).append('^').append(index.getOrDefault(inner.parent(), -1));
      text.append(inner.attributes().getOrDefault(Attributes.MODEL, "")).append(';');
    }
    List<String> links = new ArrayList<>();
    for (String id : ids) {
      for (Link link : topology.linksFrom(id)) {
        links.add(index.get(id) + ">" + end(link.to(), index, exact) + look(link, node));
      }
      for (Link link : topology.linksTo(id)) {
        if (!index.containsKey(link.from())) {
          links.add(index.get(id) + "<" + end(link.from(), index, exact) + look(link, node));
        }
      }
    }
    links.sort(Comparator.naturalOrder());
    return text.append(links).toString();
  }

  private String end(String id, Map<String, Integer> index, boolean exact) {
    Integer inside = index.get(id);
    if (inside != null) {
      return inside.toString();
    }
    return exact ? view.shown(id) : topology.node(id).kind().name();
  }

  private String look(Link link, Node node) {
    // What is slow at a switch is seen at the host on the other side.
    boolean matters =
        node.kind() != NodeKind.SWITCH || (isSwitch(link.to()) && isSwitch(link.from()));
    String health = matters ? LinkHealth.of(link).name() : "";
    return " " + link.kind() + link.lanes() + "," + link.capacityBytesPerSecond() + health;
  }

  /// Where there are still too many boxes, only the host that stands for most and the worst ones
  /// keep their inside.
  private void closeMost() {
    if (items() <= options.maxItems()) {
      return;
    }
    List<Node> hosts =
        topology.nodes(NodeKind.HOST).stream()
            .filter(host -> view.isDrawn(host.id()) && !view.children(host.id()).isEmpty())
            .toList();
    List<Node> open = new ArrayList<>();
    hosts.stream()
        .max(Comparator.comparingInt((Node host) -> view.alike(host.id())))
        .ifPresent(open::add);
    hosts.stream()
        .filter(host -> illness(host).isIll())
        .sorted(Comparator.comparing(this::illness).reversed())
        .limit(OPEN_ILL)
        .forEach(open::add);
    hosts.stream().filter(host -> !open.contains(host)).forEach(host -> view.close(host.id()));
  }
}
