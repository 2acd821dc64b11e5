package dev.tutti.topology.bound;

import dev.tutti.topology.Link;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parts of a topology whose links to the rest are the bottleneck of a collective.
///
/// `share` of the buffer has to leave the parts, and the crossing links are all that leads out of
/// them, so a buffer of B bytes takes at least `share * B / bytesPerSecond`.
///
/// With a single part, the share is what the ranks inside hold and others need, or the other way
/// round. With k > 1 disjoint parts it is 2 (k - 1): in an all-reduce the sum of all parts comes
/// about in one place per byte, so all but one part send it away once, and as many times it comes
/// back, which on links that lead out of one part into another or into switches that only forward
/// makes as many departures.
///
/// @param parts ids of the nodes in each part; at least one rank is inside of each, and one is
///   outside
/// @param crossing the links that lead out of the part that they begin in
/// @param bytesPerSecond what those carry together; 0 if nothing leads out
/// @param share what has to cross, as a multiple of the buffer
/// @param ranksInside number of ranks placed inside
public record LimitingCut(
    List<Set<String>> parts,
    List<Link> crossing,
    double bytesPerSecond,
    double share,
    int ranksInside) {
  /// Copies.
  public LimitingCut {
    parts = parts.stream().map(Set::copyOf).toList();
    crossing = List.copyOf(crossing);
  }

  /// Returns the ids of all nodes inside of a part.
  public Set<String> inside() {
    Set<String> all = new HashSet<>();
    parts.forEach(all::addAll);
    return all;
  }

  /// Returns the seconds that each byte of the buffer takes at least; infinite if nothing leads
  /// out.
  public double secondsPerByte() {
    return share / bytesPerSecond;
  }
}
