package dev.tutti.topology.route;

import dev.tutti.topology.Link;
import dev.tutti.topology.Topology;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The ways with the fewest links between nodes, all of them at once: where several are equally
/// short, as through the switches of a fat tree, each carries its part.
///
/// A node hands on what it gets in proportion to the capacities of its links that lead on a
/// shortest way; links of unknown capacity count like the largest known one beside them. Devices
/// hand on nothing: that would be a step of a schedule. Whether a real network spreads its flows as
/// evenly is another question; this is what it can do at best. Not thread-safe.
public final class ShortestRoutes {
  private final RouteTable table;
  private final Map<String, Map<Link, Double>> shares = new HashMap<>();

  /// Makes the routes of a topology; they are found when they are asked for.
  public ShortestRoutes(Topology topology) {
    this.table = new RouteTable(topology);
  }

  /// Returns which part of what goes from one node to another each link carries; empty if there is
  /// no way, or both are the same.
  ///
  /// @throws IllegalArgumentException if the topology has no such node
  public Map<Link, Double> shares(String from, String to) {
    return shares.computeIfAbsent(from + "\n" + to, _ -> find(from, to));
  }

  private Map<Link, Double> find(String from, String to) {
    RouteTable.Route route = table.find(table.node(from), table.node(to));
    Map<Link, Double> result = new LinkedHashMap<>();
    for (int i = 0; i < route.links().length; i++) {
      result.merge(table.link(route.links()[i]), route.shares()[i], Double::sum);
    }
    return result;
  }
}
