package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which node of a topology is drawn for which: nodes that are alike, or too small to draw, are
/// shown as others. Filled by [Merging] and [Folding].
final class View {
  private final Topology topology;
  private final Map<String, String> shownAs = new HashMap<>();
  private final Map<String, Integer> alike = new HashMap<>();
  private final Map<String, String> titles = new HashMap<>();
  private final Map<String, String> subtitles = new HashMap<>();
  private final Map<String, List<String>> merged = new HashMap<>();
  private final Set<String> closed = new HashSet<>();

  View(Topology topology) {
    this.topology = topology;
  }

  Topology topology() {
    return topology;
  }

  /// Returns the id of the node that is drawn for a node.
  String shown(String id) {
    String shown = id;
    for (String next = shownAs.get(shown); next != null; next = shownAs.get(shown)) {
      shown = next;
    }
    return shown;
  }

  boolean isDrawn(String id) {
    return !shownAs.containsKey(id);
  }

  /// Returns the ids of the nodes inside the same host or group that are drawn as a node, itself
  /// among them. Those that it stands for because they are alike are not.
  List<String> shownAs(String id) {
    return merged.getOrDefault(id, List.of(id));
  }

  /// Takes note of what has been merged so far.
  void rememberMerged() {
    for (Node node : topology.nodes()) {
      if (!isDrawn(node.id())) {
        String shown = shown(node.id());
        merged.computeIfAbsent(shown, id -> new ArrayList<>(List.of(id))).add(node.id());
      }
    }
  }

  /// Draws one node as another, unless that one is drawn as this one.
  void show(String id, String as) {
    if (!shown(as).equals(id)) {
      shownAs.put(id, as);
    }
  }

  /// Says that a node stands for so many that are like it.
  void setAlike(String id, int count) {
    alike.put(id, count);
  }

  int alike(String id) {
    return alike.getOrDefault(id, 1);
  }

  /// Draws a node as a box, and all that is inside as that box.
  void close(String id) {
    closed.add(id);
    subtree(id).stream().filter(inner -> !inner.equals(id)).forEach(inner -> show(inner, id));
  }

  boolean isClosed(String id) {
    return closed.contains(id);
  }

  void setTitle(String id, String title) {
    titles.put(id, title);
  }

  /// Sets what stands under the title, for want of something better.
  void setSubtitle(String id, String subtitle) {
    subtitles.put(id, subtitle);
  }

  String subtitle(String id) {
    return subtitles.getOrDefault(id, "");
  }

  String title(Node node) {
    String title = titles.getOrDefault(node.id(), node.name());
    return title.replace("0000:", ""); // the usual domain of PCI addresses says nothing
  }

  /// Returns the nodes directly inside a node that are drawn by themselves.
  List<Node> children(String id) {
    return drawn(topology.children(id));
  }

  /// Returns the outermost nodes that are drawn by themselves.
  List<Node> roots() {
    return drawn(topology.roots());
  }

  private List<Node> drawn(List<Node> nodes) {
    List<Node> drawn = new ArrayList<>();
    for (Node node : nodes) {
      if (isDrawn(node.id())) {
        drawn.add(node);
      } else {
        drawn.addAll(drawn(topology.children(node.id()))); // it may be shown as what is inside
      }
    }
    return drawn;
  }

  /// Returns a node and all that is inside of it, outer before inner.
  List<String> subtree(String id) {
    List<String> ids = new ArrayList<>();
    collect(id, ids);
    return ids;
  }

  private void collect(String id, List<String> ids) {
    ids.add(id);
    topology.children(id).forEach(child -> collect(child.id(), ids));
  }

  /// Returns the worst of the links that begin or end at a node.
  LinkHealth health(String id) {
    LinkHealth worst = LinkHealth.GOOD;
    for (Link link : topology.linksFrom(id)) {
      worst = worst.worse(LinkHealth.of(link));
    }
    for (Link link : topology.linksTo(id)) {
      worst = worst.worse(LinkHealth.of(link));
    }
    return worst;
  }
}
