package dev.tutti.topology.route;

import dev.tutti.topology.Link;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The ways with the fewest links between nodes, all of them at once: where several are equally
/// short, as through the switches of a fat tree, each carries its part.
///
/// A node hands on what it gets in proportion to the capacities of its links that lead on a
/// shortest way; links of unknown capacity count like the largest known one beside them. Devices
/// hand on nothing: that would be a step of a schedule. Whether a real network spreads its flows as
/// evenly is another question; this is what it can do at best. Not thread-safe.
public final class ShortestRoutes {
  private final Topology topology;
  private final Map<String, Map<String, Integer>> distancesTo = new HashMap<>();
  private final Map<String, Map<Link, Double>> shares = new HashMap<>();

  /// Makes the routes of a topology; they are found when they are asked for.
  public ShortestRoutes(Topology topology) {
    this.topology = topology;
  }

  /// Returns which part of what goes from one node to another each link carries; empty if there is
  /// no way, or both are the same.
  ///
  /// @throws IllegalArgumentException if the topology has no such node
  public Map<Link, Double> shares(String from, String to) {
    return shares.computeIfAbsent(from + "\n" + to, _ -> find(from, to));
  }

  private Map<Link, Double> find(String from, String to) {
    topology.node(from);
    Map<String, Integer> distance = distancesTo.computeIfAbsent(to, this::distancesTo);
    Map<Link, Double> result = new LinkedHashMap<>();
    if (!distance.containsKey(from)) {
      return result;
    }
    Map<String, Double> arriving = new LinkedHashMap<>(Map.of(from, 1.0));
    while (!arriving.isEmpty()) {
      // All nodes that have something are equally far: the next layer gets everything.
      Map<String, Double> next = new LinkedHashMap<>();
      arriving.forEach((node, part) -> spread(node, part, distance, result, next));
      next.remove(to);
      arriving = next;
    }
    return result;
  }

  private void spread(
      String node,
      double part,
      Map<String, Integer> distance,
      Map<Link, Double> result,
      Map<String, Double> next) {
    int left = distance.getOrDefault(node, 0);
    if (left == 0) {
      return;
    }
    List<Link> onward =
        topology.linksFrom(node).stream()
            .filter(link -> distance.getOrDefault(link.to(), left) == left - 1)
            .toList();
    double largest =
        onward.stream()
            .map(Link::bestKnownBytesPerSecond)
            .filter(rate -> rate != null)
            .max(Comparator.naturalOrder())
            .orElse(1.0);
    double sum = onward.stream().mapToDouble(link -> weight(link, largest)).sum();
    for (Link link : onward) {
      double share = sum == 0 ? part / onward.size() : part * weight(link, largest) / sum;
      result.merge(link, share, Double::sum);
      next.merge(link.to(), share, Double::sum);
    }
  }

  private static double weight(Link link, double largest) {
    Double rate = link.bestKnownBytesPerSecond();
    return rate == null ? largest : rate;
  }

  /// Returns how many links there are at least from each node to one.
  private Map<String, Integer> distancesTo(String target) {
    topology.node(target);
    Map<String, Integer> distance = new HashMap<>(Map.of(target, 0));
    Deque<String> open = new ArrayDeque<>(List.of(target));
    while (!open.isEmpty()) {
      String node = open.remove();
      if (!node.equals(target) && topology.node(node).kind() == NodeKind.DEVICE) {
        continue;
      }
      int further = distance.getOrDefault(node, 0) + 1;
      for (Link link : topology.linksTo(node)) {
        if (distance.putIfAbsent(link.from(), further) == null) {
          open.add(link.from());
        }
      }
    }
    return distance;
  }
}
