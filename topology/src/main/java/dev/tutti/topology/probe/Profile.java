package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was measured between the ranks of a world.
///
/// Pairs of ranks on one host were measured directly. Between hosts one rank of each, its prober,
/// measured for all of them; the other ranks of a host count as equal to it.
///
/// @param fingerprint equal for worlds of the same hosts with the same ranks on them
/// @param transport how the ranks talked, for people
/// @param places where each rank runs, by rank
/// @param probers rank of each host's prober, in the order of hosts
/// @param pairs every directed pair that was measured
/// @param network what the probers found out about the network between the hosts, its probers
///   numbered as in `probers`; null with a single host
/// @param rails every pair of probers over each rail alone; none unless there are several rails
/// @param messages what messages cost the ranks themselves; null if it was not measured
/// @param seconds how long it took
public record Profile(
    String fingerprint,
    String transport,
    List<RankPlace> places,
    List<Integer> probers,
    List<PairProfile> pairs,
    @Nullable NetworkMap network,
    List<RailProfile> rails,
    @Nullable MessageCosts messages,
    double seconds) {
  /// Copies.
  public Profile {
    places = List.copyOf(places);
    probers = List.copyOf(probers);
    pairs = List.copyOf(pairs);
    rails = List.copyOf(rails);
  }

  /// Makes a profile without rails and the costs of messages.
  public Profile(
      String fingerprint,
      String transport,
      List<RankPlace> places,
      List<Integer> probers,
      List<PairProfile> pairs,
      @Nullable NetworkMap network,
      double seconds) {
    this(fingerprint, transport, places, probers, pairs, network, List.of(), null, seconds);
  }

  /// Returns the same with the costs of messages.
  ///
  /// @param moreSeconds how long they took
  public Profile withMessages(MessageCosts costs, double moreSeconds) {
    double all = seconds + moreSeconds;
    return new Profile(fingerprint, transport, places, probers, pairs, network, rails, costs, all);
  }

  /// Returns the number of ranks.
  public int ranks() {
    return places.size();
  }

  /// Returns the number of a rank's host, in the order of the hosts' first ranks.
  public int hostOf(int rank) {
    return hosts().indexOf(places.get(rank).host());
  }

  /// Returns the names of the hosts in the order of their first ranks.
  public List<String> hosts() {
    return places.stream().map(RankPlace::host).distinct().toList();
  }

  /// Returns what was measured from one rank to another; for ranks of different hosts what their
  /// probers measured; null if nothing was.
  public @Nullable PairProfile pair(int from, int to) {
    boolean near = hostOf(from) == hostOf(to);
    int a = near ? from : probers.get(hostOf(from));
    int b = near ? to : probers.get(hostOf(to));
    return pairs.stream().filter(p -> p.from() == a && p.to() == b).findFirst().orElse(null);
  }

  /// Returns the number of each rank's innermost group, found by measurement: ranks of one host
  /// share one; all are 0 if nothing tells the hosts apart.
  public int[] groupOf() {
    int[] groupOfHost = network == null ? new int[1] : network.root().innermost();
    int[] groupOf = new int[ranks()];
    Map<String, Integer> hostNumbers = new LinkedHashMap<>();
    for (RankPlace place : places) {
      int host = hostNumbers.computeIfAbsent(place.host(), _ -> hostNumbers.size());
      groupOf[place.rank()] = groupOfHost[host];
    }
    return groupOf;
  }

  /// Returns how many rails were measured alone.
  public int railCount() {
    return 1 + rails.stream().mapToInt(RailProfile::rail).max().orElse(-1);
  }

  /// Returns the pairs whose ends are both on one host.
  public List<PairProfile> pairsWithin(String host) {
    List<PairProfile> result = new ArrayList<>();
    for (PairProfile pair : pairs) {
      if (places.get(pair.from()).host().equals(host)
          && places.get(pair.to()).host().equals(host)) {
        result.add(pair);
      }
    }
    return result;
  }
}
