package dev.tutti.topology.bound;

import dev.tutti.topology.Link;
import java.util.List;
import java.util.Set;

/// The part of a topology whose links to the rest are the bottleneck of an all-gather.
///
/// What the ranks inside hold must leave over the crossing links, so gathering `totalBytes` from
/// `ranks` ranks takes at least `ranksInside / ranks * totalBytes / bytesPerSecond`; and no other
/// part says more.
///
/// @param inside ids of the nodes inside; at least one rank is inside and one is not
/// @param crossing the links that lead out
/// @param bytesPerSecond what those carry together; 0 if nothing leads out
/// @param ranksInside number of ranks placed inside
/// @param ranks number of ranks in all
/// @param exact whether every cut was considered; otherwise only boxes (hosts, groups) and single
///   ranks were, and the true bound may be higher
public record LimitingCut(
    Set<String> inside,
    List<Link> crossing,
    double bytesPerSecond,
    int ranksInside,
    int ranks,
    boolean exact) {
  /// Copies.
  public LimitingCut {
    inside = Set.copyOf(inside);
    crossing = List.copyOf(crossing);
  }

  /// Returns the least possible seconds of an all-gather.
  ///
  /// @param totalBytes what every rank has in the end
  public double allGatherSeconds(double totalBytes) {
    return totalBytes * ranksInside / ranks / bytesPerSecond;
  }

  /// Returns the highest possible bus bandwidth in bytes/s: what one rank can receive while all
  /// gather.
  public double busBytesPerSecond() {
    return bytesPerSecond * (ranks - 1) / ranksInside;
  }
}
