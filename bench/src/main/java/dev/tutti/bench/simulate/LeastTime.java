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
/// All-gather: [AllGatherBound], of which reduce-scatter is the reverse; beyond 512 ranks, where
/// that takes too long, the cuts around each host and each place with ranks. All-reduce counts as
/// reduce-scatter and all-gather with equal shares, which is its optimum where all ports are alike.
final class LeastTime {
  private static final int MOST_RANKS = 512;

  private final double allGatherSecondsPerByte; // 0 if nobody knows

  LeastTime(Topology topology) {
    allGatherSecondsPerByte = allGather(topology);
  }

  private static double allGather(Topology topology) {
    if (topology.ranks().size() > MOST_RANKS) {
      return aroundHostsAndRanks(topology);
    }
    LimitingCut cut = AllGatherBound.of(topology);
    return cut == null ? 0 : cut.allGatherSeconds(1);
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
    Map<String, Double> placeExit = new HashMap<>();
    for (Link link : topology.links()) {
      Double known = link.bestKnownBytesPerSecond();
      double rate = known == null ? Double.POSITIVE_INFINITY : known;
      String host = hostOf.getOrDefault(link.from(), link.from());
      if (!host.equals(hostOf.getOrDefault(link.to(), link.to()))) {
        hostExit.merge(host, rate, Double::sum);
      }
      placeExit.merge(link.from(), rate, Double::sum);
    }
    int ranks = topology.ranks().size();
    return Math.max(worst(ranksIn, hostExit, ranks), worst(ranksOn, placeExit, ranks));
  }

  private static double worst(Map<String, Integer> inside, Map<String, Double> exit, int ranks) {
    double worst = 0;
    for (Map.Entry<String, Integer> box : inside.entrySet()) {
      Double rate = exit.get(box.getKey());
      if (box.getValue() < ranks && rate != null && rate > 0) {
        worst = Math.max(worst, (double) box.getValue() / ranks / rate);
      }
    }
    return worst;
  }
}
