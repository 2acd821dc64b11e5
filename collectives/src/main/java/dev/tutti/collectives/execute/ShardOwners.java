package dev.tutti.collectives.execute;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who works on what in an operation of two levels, inside hosts and between them.
///
/// A vector has as many *shards* as the host with the most members has members. On each host, shard
/// s belongs to member `s mod m` of its m members, so one member of every host has it: these
/// exchange it. Where hosts have equally many members each has one shard; a member of a smaller
/// host may have several, and takes part in one exchange after the other, in the order of the
/// shards. All do, so the exchange of the least shard that is not done can always go on.
///
/// Example, members 0 1 2 on one host, 3 4 on another: shards 0 and 2 are exchanged by 0 and 3 and
/// by 2 and 3, shard 1 by 1 and 4. Immutable.
public final class ShardOwners {
  private final int[][] members; // [host][place]
  private final int shards;
  private final int host;
  private final int place;

  /// Finds the owners.
  ///
  /// @param hostOf number of each member's host
  /// @param index this member
  public ShardOwners(int[] hostOf, int index) {
    Map<Integer, List<Integer>> byHost = new LinkedHashMap<>();
    for (int m = 0; m < hostOf.length; m++) {
      byHost.computeIfAbsent(hostOf[m], _ -> new ArrayList<>()).add(m);
    }
    this.members =
        byHost.values().stream()
            .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    this.shards = Arrays.stream(members).mapToInt(list -> list.length).max().orElse(0);
    this.host = List.copyOf(byHost.keySet()).indexOf(hostOf[index]);
    this.place = byHost.getOrDefault(hostOf[index], List.of()).indexOf(index);
  }

  /// Returns the number of hosts, which are numbered in the order of their first members.
  public int hosts() {
    return members.length;
  }

  /// Returns the number of shards.
  public int shards() {
    return shards;
  }

  /// Returns this member's host.
  public int host() {
    return host;
  }

  /// Returns this member's place among those of its host, in ascending order.
  int place() {
    return place;
  }

  /// Returns the place of a shard's owner among the members of this host.
  int placeOf(int shard) {
    return shard % members[host].length;
  }

  /// Returns the member of a host that is as manieth of it as a shard is of the vector, -1 if the
  /// host has not so many.
  int counterpart(int ofHost, int shard) {
    return shard < members[ofHost].length ? members[ofHost][shard] : -1;
  }

  /// Returns the owner of a shard on each host.
  public int[] owners(int shard) {
    return Arrays.stream(members).mapToInt(list -> list[shard % list.length]).toArray();
  }
}
