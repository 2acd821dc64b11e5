package dev.tutti.topology.route;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The ways with the fewest links between two nodes, found by searching from both ends: what
/// [ShortestRoutes] is made of, for callers with tens of thousands of pairs.
///
/// Nodes and links go by number, in the order of the topology. A search visits what lies within
/// half of the distance of either end, so that a route in a fat tree costs microseconds whatever
/// the number of hosts. Nothing is remembered. Not thread-safe.
///
/// Invariant of the search: the nodes within `reached[FORTH]` links of the source and those within
/// `reached[BACK]` links of the target are known and have none in common, so the distance is more
/// than the sum; the level that finds the first common node therefore finds all at that distance.
public final class RouteTable {
  private static final int FORTH = 0;
  private static final int BACK = 1;

  private final List<Link> links;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final boolean[] handsOn; // by node
  private final int[][] ends; // [FORTH] node where a link ends, [BACK] where it begins
  private final int[][] first; // [side][node] first of its links in order[side]
  private final int[][] order; // [side] links by the node they leave (FORTH) or reach (BACK)
  private final double[] rates; // by link, NaN if unknown

  private final int[][] distance; // [side][node], valid where stamp says so
  private final int[][] stamp; // [side][node]
  private final int[][] found; // [side] nodes in the order in which they were found
  private final int[][] levels; // [side][d] index into found where distance d begins
  private final int[] reached = new int[2];
  private final int[] onWay; // by node: the search in which it lies on a shortest way
  private final double[] part; // by node: which part of the flow arrives
  private int search;

  /// Links of a route with the part of the flow that each carries, in the order of the way.
  ///
  /// @param links numbers of the links, none twice; empty if there is no way
  /// @param shares part of each, in 0...1
  public record Route(int[] links, double[] shares) {
    private static final Route NONE = new Route(new int[0], new double[0]);

    /// Tells whether there is no way.
    public boolean isEmpty() {
      return links.length == 0;
    }
  }

  /// Makes the table of a topology. O(nodes + links).
  public RouteTable(Topology topology) {
    links = topology.links();
    int nodes = topology.nodes().size();
    handsOn = new boolean[nodes];
    int n = 0;
    for (Node node : topology.nodes()) {
      handsOn[n] = node.kind() != NodeKind.DEVICE;
      numbers.put(node.id(), n++);
    }
    ends = new int[2][links.size()];
    rates = new double[links.size()];
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      ends[FORTH][i] = node(link.to());
      ends[BACK][i] = node(link.from());
      Double rate = link.bestKnownBytesPerSecond();
      rates[i] = rate == null ? Double.NaN : rate;
    }
    first = new int[2][];
    order = new int[2][];
    for (int side : new int[] {FORTH, BACK}) {
      first[side] = starts(ends[1 - side], nodes);
      order[side] = sorted(ends[1 - side], first[side]);
    }
    distance = new int[2][nodes];
    stamp = new int[2][nodes];
    found = new int[2][nodes];
    levels = new int[2][nodes + 2];
    onWay = new int[nodes];
    part = new double[nodes];
  }

  private static int[] starts(int[] nodeOf, int nodes) {
    int[] starts = new int[nodes + 1];
    for (int node : nodeOf) {
      starts[node + 1]++;
    }
    for (int node = 0; node < nodes; node++) {
      starts[node + 1] += starts[node];
    }
    return starts;
  }

  private static int[] sorted(int[] nodeOf, int[] starts) {
    int[] next = starts.clone();
    int[] result = new int[nodeOf.length];
    for (int link = 0; link < nodeOf.length; link++) {
      result[next[nodeOf[link]]++] = link;
    }
    return result;
  }

  /// Returns the number of a node.
  ///
  /// @throws IllegalArgumentException if the topology has no such node
  public int node(String id) {
    Integer number = numbers.get(id);
    if (number == null) {
      throw new IllegalArgumentException("the topology has no node '" + id + "'");
    }
    return number;
  }

  /// Returns the link of a number.
  public Link link(int number) {
    return links.get(number);
  }

  /// Returns the way from one node to another; empty if there is none, or both are the same.
  public Route find(int from, int to) {
    if (from == to) {
      return Route.NONE;
    }
    search++;
    begin(FORTH, from);
    begin(BACK, to);
    while (true) {
      int side = frontier(FORTH) <= frontier(BACK) ? FORTH : BACK;
      if (frontier(side) == 0) {
        return Route.NONE;
      }
      if (expand(side, from, to)) {
        return follow(from);
      }
    }
  }

  private void begin(int side, int node) {
    reached[side] = 0;
    found[side][0] = node;
    levels[side][0] = 0;
    levels[side][1] = 1;
    distance[side][node] = 0;
    stamp[side][node] = search;
  }

  private int frontier(int side) {
    return levels[side][reached[side] + 1] - levels[side][reached[side]];
  }

  /// Finds the next level of one side; returns whether the sides have met.
  private boolean expand(int side, int from, int to) {
    int level = reached[side];
    int tail = levels[side][level + 1];
    boolean met = false;
    for (int i = levels[side][level]; i < levels[side][level + 1]; i++) {
      int node = found[side][i];
      if (level > 0 && !handsOn[node]) {
        continue;
      }
      for (int j = first[side][node]; j < first[side][node + 1]; j++) {
        int next = ends[side][order[side][j]];
        if (stamp[side][next] != search) {
          stamp[side][next] = search;
          distance[side][next] = level + 1;
          found[side][tail++] = next;
          met |= stamp[1 - side][next] == search && mayMeet(next, from, to);
        }
      }
    }
    reached[side]++;
    levels[side][reached[side] + 1] = tail;
    return met;
  }

  private boolean mayMeet(int node, int from, int to) {
    return handsOn[node] || node == from || node == to;
  }

  /// Hands the flow on from the source, level by level.
  private Route follow(int from) {
    markSourceSide();
    int total = reached[FORTH] + reached[BACK];
    int[] way = new int[16];
    double[] shares = new double[16];
    int length = 0;
    int[] layer = {from};
    part[from] = 1;
    for (int step = 0; step < total; step++) {
      int[] next = new int[8];
      int width = 0;
      for (int node : layer) {
        int begin = length;
        double sum = 0;
        double largest = largest(node, step, total);
        for (int j = first[FORTH][node]; j < first[FORTH][node + 1]; j++) {
          int link = order[FORTH][j];
          if (leadsOn(ends[FORTH][link], step + 1, total)) {
            if (length == way.length) {
              way = Arrays.copyOf(way, 2 * length);
              shares = Arrays.copyOf(shares, 2 * length);
            }
            shares[length] = Double.isNaN(rates[link]) ? largest : rates[link];
            sum += shares[length];
            way[length++] = link;
          }
        }
        for (int i = begin; i < length; i++) {
          shares[i] = part[node] * (sum == 0 ? 1.0 / (length - begin) : shares[i] / sum);
          int end = ends[FORTH][way[i]];
          if (onWay[end] != -search) { // minus: its part has begun to add up
            onWay[end] = -search;
            part[end] = 0;
            next = width == next.length ? Arrays.copyOf(next, 2 * width) : next;
            next[width++] = end;
          }
          part[end] += shares[i];
        }
      }
      layer = Arrays.copyOf(next, width);
    }
    return new Route(Arrays.copyOf(way, length), Arrays.copyOf(shares, length));
  }

  /// Marks the nodes found from the source that lie on a shortest way.
  private void markSourceSide() {
    int last = reached[FORTH];
    for (int i = levels[FORTH][last]; i < levels[FORTH][last + 1]; i++) {
      int node = found[FORTH][i];
      boolean common = stamp[BACK][node] == search && distance[BACK][node] == reached[BACK];
      if (common && (handsOn[node] || last == 0 || reached[BACK] == 0)) {
        onWay[node] = search;
      }
    }
    for (int level = last - 1; level >= 0; level--) {
      for (int i = levels[FORTH][level]; i < levels[FORTH][level + 1]; i++) {
        int node = found[FORTH][i];
        if (level > 0 && !handsOn[node]) {
          continue;
        }
        for (int j = first[FORTH][node]; j < first[FORTH][node + 1]; j++) {
          int next = ends[FORTH][order[FORTH][j]];
          if (onWay[next] == search && distance[FORTH][next] == level + 1) {
            onWay[node] = search;
            break;
          }
        }
      }
    }
  }

  /// Tells whether a node is on a shortest way, so many links behind the source.
  private boolean leadsOn(int node, int step, int total) {
    boolean marked = Math.abs(onWay[node]) == search;
    if (step <= reached[FORTH]) {
      return marked && distance[FORTH][node] == step && stamp[FORTH][node] == search;
    }
    return stamp[BACK][node] == search
        && distance[BACK][node] == total - step
        && (handsOn[node] || step == total);
  }

  /// Returns the largest known rate of the links that lead on, 1 if none is known.
  private double largest(int node, int step, int total) {
    double largest = Double.NaN;
    for (int j = first[FORTH][node]; j < first[FORTH][node + 1]; j++) {
      int link = order[FORTH][j];
      double rate = rates[link];
      if (!Double.isNaN(rate) && leadsOn(ends[FORTH][link], step + 1, total)) {
        largest = Double.isNaN(largest) ? rate : Math.max(largest, rate);
      }
    }
    return Double.isNaN(largest) ? 1 : largest;
  }
}
