package dev.tutti.topology.bound;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.stream.IntStream;

/// The part of a topology that matters for bounds, with numbers instead of names: links between
/// nodes with ranks and nodes that only forward. Made by [GraphReduction]; immutable.
///
/// There is at most one link from one node to another, and none without capacity.
final class FlowGraph {
  private static final double ROUNDING = 1e-9;
  private static final int MOST_ROUNDS = 1000;

  private final int[] ranks;
  private final int[] from;
  private final int[] to;
  private final double[] capacity;
  private final int[] rankNodes;
  private final int[][] outgoing;
  private final int[][] incoming;
  private final int[] reverse;

  /// Takes the arrays as they are.
  ///
  /// @param ranks number of ranks on each node
  /// @param from node that each link begins at
  /// @param to node that each link ends at
  /// @param capacity of each link, around 1; infinite if nobody knows it
  FlowGraph(int[] ranks, int[] from, int[] to, double[] capacity) {
    this.ranks = ranks;
    this.from = from;
    this.to = to;
    this.capacity = capacity;
    rankNodes = IntStream.range(0, ranks.length).filter(v -> ranks[v] > 0).toArray();
    outgoing = byNode(from, ranks.length);
    incoming = byNode(to, ranks.length);
    reverse = new int[from.length];
    for (int k = 0; k < from.length; k++) {
      reverse[k] = -1;
      for (int back : outgoing[to[k]]) {
        reverse[k] = to[back] == from[k] ? back : reverse[k];
      }
    }
  }

  private static int[][] byNode(int[] end, int nodes) {
    int[] count = new int[nodes];
    Arrays.stream(end).forEach(v -> count[v]++);
    int[][] links = new int[nodes][];
    Arrays.setAll(links, v -> new int[count[v]]);
    for (int k = end.length - 1; k >= 0; k--) {
      links[end[k]][--count[end[k]]] = k;
    }
    return links;
  }

  /// Returns this graph with every link turned round; numbers of nodes and links stay.
  FlowGraph reversed() {
    return new FlowGraph(ranks, to, from, capacity);
  }

  int nodes() {
    return ranks.length;
  }

  int links() {
    return from.length;
  }

  int from(int link) {
    return from[link];
  }

  int to(int link) {
    return to[link];
  }

  double capacity(int link) {
    return capacity[link];
  }

  /// Returns the link that leads the other way, -1 if there is none.
  int reverse(int link) {
    return reverse[link];
  }

  /// Returns the links that leave a node. Not copied.
  int[] outgoing(int node) {
    return outgoing[node];
  }

  /// Returns the links that arrive at a node. Not copied.
  int[] incoming(int node) {
    return incoming[node];
  }

  /// Returns how many ranks are placed on a node.
  int ranks(int node) {
    return ranks[node];
  }

  /// Returns the nodes with ranks in order. Not copied.
  int[] rankNodes() {
    return rankNodes;
  }

  /// Returns the share of a buffer that each rank node holds when all ranks hold the same.
  double[] equalShares() {
    double all = Arrays.stream(ranks).sum();
    return Arrays.stream(rankNodes).mapToDouble(v -> ranks[v] / all).toArray();
  }

  /// Tells whether links come in pairs of opposite direction and equal capacity.
  boolean isAlikeBothWays() {
    return IntStream.range(0, from.length)
        .allMatch(k -> reverse[k] >= 0 && isClose(capacity[k], capacity[reverse[k]]));
  }

  /// Tells whether as much leads into every node that only forwards as out of it. Then all that
  /// cuts allow can be sent (ForestColl, arXiv 2402.06787, section 4).
  boolean isBalanced() {
    return IntStream.range(0, ranks.length)
        .allMatch(v -> ranks[v] > 0 || isClose(sum(incoming[v]), sum(outgoing[v])));
  }

  private double sum(int[] links) {
    return Arrays.stream(links).mapToDouble(k -> capacity[k]).sum();
  }

  private static boolean isClose(double a, double b) {
    return a == b || Math.abs(a - b) <= ROUNDING * Math.max(a, b);
  }

  /// Tells which nodes the links lead to from one node, in any number of hops.
  boolean[] reach(int start) {
    boolean[] seen = new boolean[ranks.length];
    Deque<Integer> open = new ArrayDeque<>();
    seen[start] = true;
    open.add(start);
    while (!open.isEmpty()) {
      for (int link : outgoing[open.remove()]) {
        if (!seen[to[link]]) {
          seen[to[link]] = true;
          open.add(to[link]);
        }
      }
    }
    return seen;
  }

  /// Returns capacities within those of the links such that as much leads into every node that only
  /// forwards as out of it: again and again the larger side of a node is cut down in proportion.
  double[] balancedCapacities() {
    double all = Arrays.stream(capacity).filter(Double::isFinite).sum() + 1;
    double[] balanced = Arrays.stream(capacity).map(c -> Math.min(c, all)).toArray();
    double worst = 1;
    for (int round = 0; round < MOST_ROUNDS && worst > ROUNDING; round++) {
      worst = 0;
      for (int v = 0; v < ranks.length; v++) {
        double in = Arrays.stream(incoming[v]).mapToDouble(k -> balanced[k]).sum();
        double out = Arrays.stream(outgoing[v]).mapToDouble(k -> balanced[k]).sum();
        double least = Math.min(in, out);
        if (ranks[v] == 0 && least > 0) {
          worst = Math.max(worst, Math.max(in, out) / least - 1);
          for (int k : in > out ? incoming[v] : outgoing[v]) {
            balanced[k] *= least / Math.max(in, out);
          }
        }
      }
    }
    return balanced;
  }
}
