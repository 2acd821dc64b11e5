package dev.tutti.topology.discover;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Topology;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Merges the links of views, one view after the other.
final class LinkMerge {
  private final List<Finding> findings;
  private final Map<Key, Link> links = new LinkedHashMap<>();

  /// What makes links of two views one: the n-th of a kind between the same nodes.
  private record Key(String from, String to, LinkKind kind, int number) {}

  /// Begins without links.
  ///
  /// @param findings takes what is odd
  LinkMerge(List<Finding> findings) {
    this.findings = findings;
  }

  /// Adds the links of a view.
  ///
  /// @param ids the id in the whole by the id in the view
  void add(Topology view, Map<String, String> ids) {
    Map<Key, Integer> counts = new HashMap<>();
    for (Link link : view.links()) {
      Link renamed = rename(link, ids);
      Key kind = new Key(renamed.from(), renamed.to(), link.kind(), 0);
      int number = counts.merge(kind, 1, Integer::sum);
      Key key = new Key(kind.from(), kind.to(), kind.kind(), number);
      links.merge(key, renamed, this::unify);
    }
  }

  /// Returns all links in the order in which they were seen first.
  Collection<Link> links() {
    return links.values();
  }

  private static Link rename(Link link, Map<String, String> ids) {
    return new Link(
        Objects.requireNonNull(ids.get(link.from())),
        Objects.requireNonNull(ids.get(link.to())),
        link.kind(),
        link.lanes(),
        link.capacityBytesPerSecond(),
        link.latencySeconds(),
        link.measured(),
        link.origin(),
        link.attributes());
  }

  private Link unify(Link known, Link other) {
    String place = known.from() + " -> " + known.to();
    Map<String, String> attributes = new LinkedHashMap<>(known.attributes());
    other
        .attributes()
        .forEach((key, value) -> {
          String old = attributes.putIfAbsent(key, value);
          if (old != null && !old.equals(value)) {
            findings.add(NodeMerge.contradiction(place, key, old, value));
          }
        });
    if (known.lanes() > 0 && other.lanes() > 0 && known.lanes() != other.lanes()) {
      findings.add(NodeMerge.contradiction(place, "lanes", known.lanes(), other.lanes()));
    }
    return new Link(
        known.from(),
        known.to(),
        known.kind(),
        known.lanes() > 0 ? known.lanes() : other.lanes(),
        either(place, "capacity", known.capacityBytesPerSecond(), other.capacityBytesPerSecond()),
        either(place, "latency", known.latencySeconds(), other.latencySeconds()),
        known.measured() != null ? known.measured() : other.measured(),
        known.capacityBytesPerSecond() == null && other.capacityBytesPerSecond() != null
            ? other.origin()
            : known.origin(),
        attributes);
  }

  private @Nullable Double either(
      String place, String what, @Nullable Double known, @Nullable Double other) {
    if (known == null || other == null) {
      return known == null ? other : known;
    }
    if (!known.equals(other)) {
      findings.add(NodeMerge.contradiction(place, what, known, other));
    }
    return known;
  }
}
