package dev.tutti.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is joined to what, how fast it should be and how fast it is: a directed graph of [Node]s
/// and [Link]s with ranks placed on nodes. Immutable; thread-safe.
///
/// Nodes also lie inside each other (a device in a host, a host in a rack). That is for people and
/// for grouping; data moves over links only. Several links may lead from one node to another.
/// Nothing is invented: what nobody told is null.
public final class Topology {
  private final String name;
  private final Map<String, String> attributes;
  private final Map<String, Node> nodes;
  private final List<Link> links;
  private final NavigableMap<Integer, String> ranks;
  private final Map<String, List<Node>> children;
  private final List<Node> roots;
  private final Map<String, List<Link>> linksFrom;
  private final Map<String, List<Link>> linksTo;
  private final Map<String, List<Integer>> ranksOn;

  private Topology(Builder builder) {
    name = builder.name;
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(builder.attributes));
    nodes = Collections.unmodifiableMap(new LinkedHashMap<>(builder.nodes));
    links = List.copyOf(builder.links);
    ranks = Collections.unmodifiableNavigableMap(new TreeMap<>(builder.ranks));
    children = new LinkedHashMap<>();
    roots = new ArrayList<>();
    linksFrom = new LinkedHashMap<>();
    linksTo = new LinkedHashMap<>();
    ranksOn = new LinkedHashMap<>();
    ranks.forEach((rank, node) -> ranksOn.computeIfAbsent(node, _ -> new ArrayList<>()).add(rank));
    for (Node node : nodes.values()) {
      (node.parent() == null ? roots : children.computeIfAbsent(node.parent(), _ -> list()))
          .add(node);
    }
    for (Link link : links) {
      linksFrom.computeIfAbsent(link.from(), _ -> new ArrayList<>()).add(link);
      linksTo.computeIfAbsent(link.to(), _ -> new ArrayList<>()).add(link);
    }
  }

  private static List<Node> list() {
    return new ArrayList<>();
  }

  /// Begins a topology.
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /// Begins a topology that has everything of this one.
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.attributes.putAll(attributes);
    builder.nodes.putAll(nodes);
    builder.links.addAll(links);
    builder.ranks.putAll(ranks);
    return builder;
  }

  /// Returns what people call it.
  public String name() {
    return name;
  }

  /// Returns what else is known about it, in the order of writing.
  public Map<String, String> attributes() {
    return attributes;
  }

  /// Returns all nodes in the order they were added.
  public Collection<Node> nodes() {
    return nodes.values();
  }

  /// Returns the nodes of a kind in the order they were added.
  public List<Node> nodes(NodeKind kind) {
    return nodes.values().stream().filter(node -> node.kind() == kind).toList();
  }

  /// Returns a node.
  ///
  /// @throws IllegalArgumentException if there is none of that id
  public Node node(String id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new IllegalArgumentException("topology '" + name + "' has no node '" + id + "'");
    }
    return node;
  }

  /// Tells whether there is a node of an id.
  public boolean hasNode(String id) {
    return nodes.containsKey(id);
  }

  /// Returns the nodes that are in no other.
  public List<Node> roots() {
    return Collections.unmodifiableList(roots);
  }

  /// Returns the nodes directly inside a node.
  public List<Node> children(String id) {
    return Collections.unmodifiableList(children.getOrDefault(id, List.of()));
  }

  /// Returns the node of a kind that a node is inside of, itself if it is of that kind; null if
  /// there is none.
  public @Nullable Node enclosing(String id, NodeKind kind) {
    Node node = node(id);
    while (node.kind() != kind) {
      if (node.parent() == null) {
        return null;
      }
      node = node(node.parent());
    }
    return node;
  }

  /// Returns all links in the order they were added.
  public List<Link> links() {
    return links;
  }

  /// Returns the links that leave a node.
  public List<Link> linksFrom(String id) {
    return Collections.unmodifiableList(linksFrom.getOrDefault(id, List.of()));
  }

  /// Returns the links that arrive at a node.
  public List<Link> linksTo(String id) {
    return Collections.unmodifiableList(linksTo.getOrDefault(id, List.of()));
  }

  /// Returns the links that lead from one node directly to another.
  public List<Link> links(String from, String to) {
    return linksFrom(from).stream().filter(link -> link.to().equals(to)).toList();
  }

  /// Returns the id of the node that each rank is placed on, by rank. Several ranks may share a
  /// node; ranks that are not placed are missing.
  public NavigableMap<Integer, String> ranks() {
    return ranks;
  }

  /// Returns the ranks placed on a node, in order.
  public List<Integer> ranksOn(String id) {
    return Collections.unmodifiableList(ranksOn.getOrDefault(id, List.of()));
  }

  /// Tells whether another object is a topology with equal name, nodes, links and ranks.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Topology that
        && name.equals(that.name)
        && attributes.equals(that.attributes)
        && List.copyOf(nodes.values()).equals(List.copyOf(that.nodes.values()))
        && links.equals(that.links)
        && ranks.equals(that.ranks);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, nodes, links, ranks);
  }

  /// Returns the name and how much there is of each.
  @Override
  public String toString() {
    return name
        + ": "
        + nodes.size()
        + " nodes, "
        + links.size()
        + " links, "
        + ranks.size()
        + " ranks";
  }

  /// Collects a topology. Not thread-safe.
  public static final class Builder {
    private String name;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final List<Link> links = new ArrayList<>();
    private final NavigableMap<Integer, String> ranks = new TreeMap<>();

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    /// Sets the name.
    public Builder name(String value) {
      name = Objects.requireNonNull(value, "name");
      return this;
    }

    /// Sets an attribute of the whole.
    public Builder attribute(String key, String value) {
      attributes.put(key, value);
      return this;
    }

    /// Adds a node without attributes.
    ///
    /// @throws IllegalArgumentException as [#node(Node)]
    public Builder node(String id, NodeKind kind, String nodeName, @Nullable String parent) {
      return node(new Node(id, kind, nodeName, parent, Map.of()));
    }

    /// Adds a node.
    ///
    /// @throws IllegalArgumentException if there is one of that id, or none of its parent's id yet
    public Builder node(Node node) {
      if (node.parent() != null && !nodes.containsKey(node.parent())) {
        throw new IllegalArgumentException(
            "node '" + node.id() + "' is inside of '" + node.parent() + "', which is not there");
      }
      if (nodes.putIfAbsent(node.id(), node) != null) {
        throw new IllegalArgumentException("there are two nodes '" + node.id() + "'");
      }
      return this;
    }

    /// Replaces the node of the same id; its parent must be the same.
    ///
    /// @throws IllegalArgumentException if there is none, or it has another parent
    public Builder replace(Node node) {
      Node old = nodes.get(node.id());
      if (old == null || !Objects.equals(old.parent(), node.parent())) {
        throw new IllegalArgumentException(
            "no node '" + node.id() + "' inside of '" + node.parent() + "' to replace");
      }
      nodes.put(node.id(), node);
      return this;
    }

    /// Tells whether a node was added.
    public boolean hasNode(String id) {
      return nodes.containsKey(id);
    }

    /// Returns the nodes added so far.
    public Collection<Node> nodes() {
      return Collections.unmodifiableCollection(nodes.values());
    }

    /// Adds a link.
    ///
    /// @throws IllegalArgumentException if one of its ends was not added, or both are the same
    public Builder link(Link link) {
      for (String end : List.of(link.from(), link.to())) {
        if (!nodes.containsKey(end)) {
          throw new IllegalArgumentException(
              "link "
                  + link.from()
                  + " -> "
                  + link.to()
                  + " ends at '"
                  + end
                  + "', which is not there");
        }
      }
      if (link.from().equals(link.to())) {
        throw new IllegalArgumentException("a link leads from '" + link.from() + "' to itself");
      }
      links.add(link);
      return this;
    }

    /// Adds a link and its reverse.
    ///
    /// @throws IllegalArgumentException as [#link(Link)]
    public Builder cable(Link link) {
      return link(link).link(link.reversed());
    }

    /// Returns the links added so far.
    public List<Link> links() {
      return Collections.unmodifiableList(links);
    }

    /// Replaces every link.
    ///
    /// @throws IllegalArgumentException as [#link(Link)]
    public Builder links(Collection<Link> replacement) {
      List<Link> copy = List.copyOf(replacement);
      links.clear();
      copy.forEach(this::link);
      return this;
    }

    /// Places a rank on a node.
    ///
    /// @throws IllegalArgumentException if the rank is negative or placed already, or there is no
    ///   such node
    public Builder rank(int rank, String node) {
      if (rank < 0) {
        throw new IllegalArgumentException("rank is " + rank + ", expected at least 0");
      }
      if (!nodes.containsKey(node)) {
        throw new IllegalArgumentException(
            "rank " + rank + " is placed on '" + node + "', which is not there");
      }
      if (ranks.putIfAbsent(rank, node) != null) {
        throw new IllegalArgumentException("rank " + rank + " is placed twice");
      }
      return this;
    }

    /// Takes all ranks from their places.
    public Builder clearRanks() {
      ranks.clear();
      return this;
    }

    /// Returns the ranks placed so far, by rank.
    public NavigableMap<Integer, String> ranks() {
      return Collections.unmodifiableNavigableMap(ranks);
    }

    /// Makes the topology. The builder may be used again.
    public Topology build() {
      return new Topology(this);
    }
  }
}
