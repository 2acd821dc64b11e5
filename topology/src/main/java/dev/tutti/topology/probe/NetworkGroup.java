package dev.tutti.topology.probe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Probers that reach each other faster than others, and what joins them to the rest.
///
/// @param members numbers of all probers inside, ascending
/// @param parts the groups that it consists of; none if its members are joined directly
/// @param upBytesPerSecond what its members together can send out; null for the outermost group, or
///   if their ports were the limit, not what joins them to the rest
/// @param downBytesPerSecond what its members together can receive from outside; null likewise
public record NetworkGroup(
    List<Integer> members,
    List<NetworkGroup> parts,
    @Nullable Double upBytesPerSecond,
    @Nullable Double downBytesPerSecond) {
  /// Copies.
  public NetworkGroup {
    members = List.copyOf(members);
    parts = List.copyOf(parts);
  }

  static NetworkGroup of(List<Integer> members) {
    return new NetworkGroup(members.stream().sorted().toList(), List.of(), null, null);
  }

  static NetworkGroup around(List<NetworkGroup> parts) {
    List<Integer> members =
        parts.stream().flatMap(part -> part.members().stream()).sorted().toList();
    return new NetworkGroup(members, parts, null, null);
  }

  NetworkGroup withUplink(@Nullable Double up, @Nullable Double down) {
    return new NetworkGroup(members, parts, up, down);
  }

  /// Returns how many levels of groups there are: 1 if its members are joined directly.
  public int levels() {
    return 1 + parts.stream().mapToInt(NetworkGroup::levels).max().orElse(0);
  }

  /// Returns the number of the innermost group of each prober, from 0 in the order of the probers.
  public int[] innermost() {
    int[] groupOf = new int[members.getLast() + 1];
    int[] next = {0};
    leaves()
        .forEach(leaf -> {
          leaf.members().forEach(member -> groupOf[member] = next[0]);
          next[0]++;
        });
    return groupOf;
  }

  /// Returns the innermost groups, by their first members.
  public List<NetworkGroup> leaves() {
    return parts.isEmpty()
        ? List.of(this)
        : parts.stream()
            .flatMap(part -> part.leaves().stream())
            .sorted((a, b) -> Integer.compare(a.members().getFirst(), b.members().getFirst()))
            .toList();
  }
}
