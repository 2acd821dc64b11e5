package dev.tutti.topology.bound;

import java.util.Arrays;

/// Maximum flows from a source that feeds some nodes to one node of a [FlowGraph] (E. A. Dinic,
/// 1970: blocking flows in layered graphs). Made once for a graph, run for many capacities; not
/// thread-safe.
///
/// Invariant: along every arc and back, what is left in both directions together stays what it was
/// at the start.
final class MaxFlow {
  private static final double NOTHING = 1e-13;

  private final int source;
  private final int links;
  private final int[] rankNodes;
  private final int[] first;
  private final int[] arcs;
  private final int[] head;
  private final double[] left;
  private final int[] level;
  private final int[] next;
  private final int[] queue;
  private int sink;

  MaxFlow(FlowGraph graph) {
    source = graph.nodes();
    links = graph.links();
    rankNodes = graph.rankNodes();
    int count = 2 * (links + rankNodes.length);
    head = new int[count];
    left = new double[count];
    int[] tail = new int[count];
    for (int k = 0; k < links + rankNodes.length; k++) {
      tail[2 * k] = k < links ? graph.from(k) : source;
      head[2 * k] = k < links ? graph.to(k) : rankNodes[k - links];
      tail[2 * k + 1] = head[2 * k];
      head[2 * k + 1] = tail[2 * k];
    }
    first = new int[source + 2];
    for (int arc = 0; arc < count; arc++) {
      first[tail[arc] + 1]++;
    }
    for (int v = 0; v <= source; v++) {
      first[v + 1] += first[v];
    }
    arcs = new int[count];
    int[] fill = first.clone();
    for (int arc = 0; arc < count; arc++) {
      arcs[fill[tail[arc]]++] = arc;
    }
    level = new int[source + 1];
    next = new int[source + 1];
    queue = new int[source + 1];
  }

  /// Returns the maximum flow.
  ///
  /// @param capacities of the links, around 1 where they matter
  /// @param feeds what the source can feed into each of [FlowGraph#rankNodes]
  double run(double[] capacities, double[] feeds, int to) {
    sink = to;
    for (int k = 0; k < links + rankNodes.length; k++) {
      left[2 * k] = k < links ? capacities[k] : feeds[k - links];
      left[2 * k + 1] = 0;
    }
    double flow = 0;
    while (layer()) {
      System.arraycopy(first, 0, next, 0, next.length);
      flow += push(source, Double.POSITIVE_INFINITY);
    }
    return flow;
  }

  /// Tells, after a run, which nodes the source can still feed: the smallest of the minimum cuts.
  boolean[] sourceSide() {
    boolean[] side = new boolean[source];
    for (int v = 0; v < source; v++) {
      side[v] = level[v] >= 0;
    }
    return side;
  }

  /// Tells, after a run, which nodes cannot feed the sink any more: the largest of the minimum
  /// cuts.
  boolean[] beforeSink() {
    boolean[] side = new boolean[source];
    Arrays.fill(side, true);
    side[sink] = false;
    int begin = 0;
    int end = 0;
    queue[end++] = sink;
    while (begin < end) {
      int v = queue[begin++];
      for (int i = first[v]; i < first[v + 1]; i++) {
        int u = head[arcs[i]];
        if (u != source && side[u] && left[arcs[i] ^ 1] > NOTHING) {
          side[u] = false;
          queue[end++] = u;
        }
      }
    }
    return side;
  }

  private boolean layer() {
    Arrays.fill(level, -1);
    level[source] = 0;
    int begin = 0;
    int end = 0;
    queue[end++] = source;
    while (begin < end) {
      int v = queue[begin++];
      for (int i = first[v]; i < first[v + 1]; i++) {
        int w = head[arcs[i]];
        if (level[w] < 0 && left[arcs[i]] > NOTHING) {
          level[w] = level[v] + 1;
          queue[end++] = w;
        }
      }
    }
    return level[sink] >= 0;
  }

  /// Pushes a blocking flow through the layers behind a node; returns how much.
  private double push(int v, double most) {
    if (v == sink) {
      return most;
    }
    double pushed = 0;
    while (next[v] < first[v + 1]) {
      int arc = arcs[next[v]];
      int w = head[arc];
      if (level[w] == level[v] + 1 && left[arc] > NOTHING) {
        double got = push(w, Math.min(most - pushed, left[arc]));
        left[arc] -= got;
        left[arc ^ 1] += got;
        pushed += got;
        if (most - pushed <= NOTHING) {
          return pushed;
        }
      }
      next[v]++;
    }
    return pushed;
  }
}
