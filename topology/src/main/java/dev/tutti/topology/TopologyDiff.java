package dev.tutti.topology;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What tells one topology from another. Nodes are the same if their ids are, links if their ends
/// and kinds are.
public final class TopologyDiff {
  // Rates that differ by less are equal: files round.
  private static final double ROUNDING = 0.01;

  private final Topology before;
  private final Topology after;
  private final List<Change> changes = new ArrayList<>();

  /// How something differs.
  public enum Kind {
    /// Only the second topology has it.
    ADDED,
    /// Only the first topology has it.
    REMOVED,
    /// Both have it, and it is not the same.
    CHANGED
  }

  /// A difference.
  ///
  /// @param kind how it differs
  /// @param what the node, link or rank: `node host0/gpu3`, `link a -> b (pcie)`, `rank 3`
  /// @param detail what was and what is, empty if nothing more is to be said
  public record Change(Kind kind, String what, String detail) {
    /// Returns `changed link a -> b (pcie): capacity 16 GB/s, was 32 GB/s`.
    @Override
    public String toString() {
      return kind.name().toLowerCase(java.util.Locale.ROOT)
          + " "
          + what
          + (detail.isEmpty() ? "" : ": " + detail);
    }
  }

  private TopologyDiff(Topology before, Topology after) {
    this.before = before;
    this.after = after;
  }

  /// Compares two topologies; returns nothing if they differ in nothing but their names and the
  /// attributes of the whole.
  public static List<Change> of(Topology before, Topology after) {
    TopologyDiff diff = new TopologyDiff(before, after);
    diff.nodes();
    diff.links();
    diff.ranks();
    return List.copyOf(diff.changes);
  }

  private void nodes() {
    for (Node node : before.nodes()) {
      if (!after.hasNode(node.id())) {
        changes.add(new Change(Kind.REMOVED, "node " + node.id(), node.kind().label()));
        continue;
      }
      Node now = after.node(node.id());
      List<String> details = new ArrayList<>();
      difference(details, "kind", node.kind().label(), now.kind().label());
      difference(details, "name", node.name(), now.name());
      difference(details, "inside of", node.parent(), now.parent());
      attributes(details, node.attributes(), now.attributes());
      changed("node " + node.id(), details);
    }
    for (Node node : after.nodes()) {
      if (!before.hasNode(node.id())) {
        changes.add(new Change(Kind.ADDED, "node " + node.id(), node.kind().label()));
      }
    }
  }

  private void links() {
    Map<String, List<Link>> old = byEnds(before);
    Map<String, List<Link>> now = byEnds(after);
    Set<String> all = new LinkedHashSet<>(old.keySet());
    all.addAll(now.keySet());
    for (String ends : all) {
      List<Link> left = old.getOrDefault(ends, List.of());
      List<Link> right = now.getOrDefault(ends, List.of());
      int both = Math.min(left.size(), right.size());
      for (int i = 0; i < both; i++) {
        changed("link " + ends, linkDetails(left.get(i), right.get(i)));
      }
      for (Link link : left.subList(both, left.size())) {
        changes.add(new Change(Kind.REMOVED, "link " + ends, rate(link.capacityBytesPerSecond())));
      }
      for (Link link : right.subList(both, right.size())) {
        changes.add(new Change(Kind.ADDED, "link " + ends, rate(link.capacityBytesPerSecond())));
      }
    }
  }

  private static Map<String, List<Link>> byEnds(Topology topology) {
    return topology.links().stream()
        .collect(
            Collectors.groupingBy(
                link -> link.from() + " -> " + link.to() + " (" + link.kind().label() + ")",
                LinkedHashMap::new,
                Collectors.toList()));
  }

  private static List<String> linkDetails(Link old, Link now) {
    List<String> details = new ArrayList<>();
    rates(details, "capacity", old.capacityBytesPerSecond(), now.capacityBytesPerSecond());
    rates(details, "measured", measured(old), measured(now));
    difference(details, "lanes", String.valueOf(old.lanes()), String.valueOf(now.lanes()));
    attributes(details, old.attributes(), now.attributes());
    return details;
  }

  private static @Nullable Double measured(Link link) {
    return link.measured() == null ? null : Double.valueOf(link.measured().bytesPerSecond());
  }

  private void ranks() {
    Set<Integer> all = new LinkedHashSet<>(before.ranks().keySet());
    all.addAll(after.ranks().keySet());
    for (int rank : all) {
      String old = before.ranks().get(rank);
      String now = after.ranks().get(rank);
      if (old == null) {
        changes.add(new Change(Kind.ADDED, "rank " + rank, "on " + now));
      } else if (now == null) {
        changes.add(new Change(Kind.REMOVED, "rank " + rank, "from " + old));
      } else if (!old.equals(now)) {
        changes.add(new Change(Kind.CHANGED, "rank " + rank, "on " + now + ", was on " + old));
      }
    }
  }

  private void changed(String what, List<String> details) {
    if (!details.isEmpty()) {
      changes.add(new Change(Kind.CHANGED, what, String.join("; ", details)));
    }
  }

  private static void attributes(
      List<String> details, Map<String, String> old, Map<String, String> now) {
    Set<String> keys = new LinkedHashSet<>(old.keySet());
    keys.addAll(now.keySet());
    keys.forEach(key -> difference(details, key, old.get(key), now.get(key)));
  }

  private static void difference(
      List<String> details, String what, @Nullable String old, @Nullable String now) {
    if (!Objects.equals(old, now)) {
      details.add(
          what + " " + (now == null ? "gone" : now) + ", was " + (old == null ? "missing" : old));
    }
  }

  private static void rates(
      List<String> details, String what, @Nullable Double old, @Nullable Double now) {
    boolean equal =
        (old == null || now == null)
            ? Objects.equals(old, now)
            : Math.abs(old - now) <= ROUNDING * Math.max(old, now);
    if (!equal) {
      details.add(what + " " + rate(now) + ", was " + rate(old));
    }
  }

  private static String rate(@Nullable Double bytesPerSecond) {
    return bytesPerSecond == null ? "unknown" : Quantities.rate(bytesPerSecond);
  }
}
