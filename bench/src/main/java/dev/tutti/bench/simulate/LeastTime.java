package dev.tutti.bench.simulate;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.AllGatherBound;
import dev.tutti.topology.bound.LimitingCut;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The least time that a topology allows a collective, by the bandwidth of cuts.
///
/// All-gather: [AllGatherBound], of which reduce-scatter is the reverse, and the cuts around each
/// host and each place with ranks, which alone count beyond 512 ranks, where the other takes too
/// long. All-reduce counts as reduce-scatter and all-gather with equal shares, which is its optimum
/// where all ports are alike.
final class LeastTime {
  private static final int MOST_RANKS = 512;

  private final double allGatherSecondsPerByte; // 0 if nobody knows

  LeastTime(Topology topology) {
    allGatherSecondsPerByte = allGather(topology);
  }

  private static double allGather(Topology topology) {
    double around = aroundHostsAndRanks(topology);
    if (topology.ranks().size() > MOST_RANKS) {
      return around;
    }
    LimitingCut cut = AllGatherBound.of(topology);
    return cut == null ? around : Math.max(around, cut.allGatherSeconds(1));
  }

  /// Returns the least seconds of a collective over all ranks, null if nobody knows it.
  @Nullable Double seconds(Collective collective, long bytes) {
    double once = allGatherSecondsPerByte * bytes;
    if (once == 0) {
      return null;
    }
    return switch (collective) {
      case ALL_GATHER, REDUCE_SCATTER -> once;
      case ALL_REDUCE -> 2 * once;
      case BROADCAST, BARRIER -> null;
    };
  }

  private static double aroundHostsAndRanks(Topology topology) {
    Map<String, String> hostOf = new HashMap<>();
    for (Node node : topology.nodes()) {
      Node host = topology.enclosing(node.id(), NodeKind.HOST);
      hostOf.put(node.id(), host == null ? node.id() : host.id());
    }
    Map<String, Integer> ranksIn = new HashMap<>();
    Map<String, Integer> ranksOn = new HashMap<>();
    for (String place : topology.ranks().values()) {
      ranksOn.merge(place, 1, Integer::sum);
      ranksIn.merge(hostOf.getOrDefault(place, place), 1, Integer::sum);
    }
    Map<String, Double> hostExit = new HashMap<>();
    Map<String, Double> hostEntry = new HashMap<>();
    Map<String, Double> placeExit = new HashMap<>();
    Map<String, Double> placeEntry = new HashMap<>();
    for (Link link : topology.links()) {
      Double known = link.bestKnownBytesPerSecond();
      double rate = known == null ? Double.POSITIVE_INFINITY : known;
      String from = hostOf.getOrDefault(link.from(), link.from());
      String to = hostOf.getOrDefault(link.to(), link.to());
      if (!from.equals(to)) {
        hostExit.merge(from, rate, Double::sum);
        hostEntry.merge(to, rate, Double::sum);
      }
      placeExit.merge(link.from(), rate, Double::sum);
      placeEntry.merge(link.to(), rate, Double::sum);
    }
    return Math.max(
        worst(ranksIn, hostExit, hostEntry, topology),
        worst(ranksOn, placeExit, placeEntry, topology));
  }

  private static double worst(
      Map<String, Integer> ranksIn,
      Map<String, Double> exit,
      Map<String, Double> entry,
      Topology topology) {
    double ranks = topology.ranks().size();
    double worst = 0;
    for (Map.Entry<String, Integer> box : ranksIn.entrySet()) {
      double inside = box.getValue();
      double out = exit.getOrDefault(box.getKey(), 0.0);
      double in = entry.getOrDefault(box.getKey(), 0.0);
      if (inside < ranks && out > 0 && in > 0) {
        worst = Math.max(worst, Math.max(inside / out, (ranks - inside) / in) / ranks);
      }
    }
    return worst;
  }
}
