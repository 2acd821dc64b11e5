package dev.tutti.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Two links of one kind that lead to and fro between two nodes, or one that has no counterpart.
///
/// @param forward the direction that was named first
/// @param backward the other direction, null if there is none
public record Cable(Link forward, @Nullable Link backward) {
  // Measurements that differ by less are equal.
  private static final double NEAR = 0.9;

  private record Ends(String first, String second, LinkKind kind) {
    static Ends of(Link link) {
      boolean ordered = link.from().compareTo(link.to()) <= 0;
      return new Ends(
          ordered ? link.from() : link.to(), ordered ? link.to() : link.from(), link.kind());
    }
  }

  /// Checks.
  public Cable {
    Objects.requireNonNull(forward, "forward");
  }

  /// Joins links to cables: of those between two nodes, the i-th of one direction with the i-th of
  /// the other. The cables come in the order of their first links.
  public static List<Cable> of(Collection<Link> links) {
    Map<Ends, List<Link>> between = new LinkedHashMap<>();
    for (Link link : links) {
      between.computeIfAbsent(Ends.of(link), _ -> new ArrayList<>()).add(link);
    }
    List<Cable> cables = new ArrayList<>();
    for (List<Link> all : between.values()) {
      String from = all.getFirst().from();
      List<Link> forth = all.stream().filter(link -> link.from().equals(from)).toList();
      List<Link> back = all.stream().filter(link -> !link.from().equals(from)).toList();
      for (int i = 0; i < Math.max(forth.size(), back.size()); i++) {
        if (i < forth.size()) {
          cables.add(new Cable(forth.get(i), i < back.size() ? back.get(i) : null));
        } else {
          cables.add(new Cable(back.get(i), null));
        }
      }
    }
    return cables;
  }

  /// Returns its links: two, or one if there is no other direction.
  public List<Link> links() {
    return backward == null ? List.of(forward) : List.of(forward, backward);
  }

  /// Tells whether both directions are there, have the same capacity and are equally well as far as
  /// they were measured.
  public boolean isAlikeBothWays() {
    if (backward == null
        || !Objects.equals(forward.capacityBytesPerSecond(), backward.capacityBytesPerSecond())) {
      return false;
    }
    LinkHealth there = LinkHealth.of(forward);
    LinkHealth back = LinkHealth.of(backward);
    if (there == LinkHealth.MEASURED && back == LinkHealth.MEASURED) {
      return isNear(forward.bestKnownBytesPerSecond(), backward.bestKnownBytesPerSecond());
    }
    return there == back || !(there.isIll() || back.isIll());
  }

  private static boolean isNear(@Nullable Double left, @Nullable Double right) {
    return left != null && right != null && Math.min(left, right) >= NEAR * Math.max(left, right);
  }

  /// Returns how well the worse of the directions that were measured is.
  public LinkHealth health() {
    LinkHealth there = LinkHealth.of(forward);
    LinkHealth back = backward == null ? there : LinkHealth.of(backward);
    if (there == LinkHealth.UNKNOWN || back == LinkHealth.UNKNOWN) {
      return there == LinkHealth.UNKNOWN ? back : there;
    }
    return there.worse(back);
  }
}
