package dev.tutti.topology.pack;

import java.util.Arrays;

/// Maximum flows in a directed graph with whole capacities.
///
/// Source: Dinic, "Algorithm for solution of a problem of maximum flow in networks with power
/// estimation", Soviet Math. Doklady 11 (1970). Exact, which the splitting of switches needs:
/// JGraphT's flows are floating-point. Arcs are numbered in pairs, arc `a ^ 1` being the reverse of
/// arc a. Not thread-safe.
final class MaxFlow {
  /// More than any sum of capacities may be.
  static final long UNLIMITED = 1L << 60;

  private int[] head; // arc of each vertex that was added last, -1 for none
  private int[] next = new int[64]; // arc of the same vertex added before
  private int[] to = new int[64];
  private long[] capacity = new long[64];
  private long[] left = new long[64];
  private int arcs;
  private final int[] level;
  private final int[] queue;
  private final int[] current;

  MaxFlow(int vertices) {
    head = new int[vertices];
    level = new int[vertices];
    queue = new int[vertices];
    current = new int[vertices];
    Arrays.fill(head, -1);
  }

  /// Adds an arc and returns its number.
  int add(int from, int target, long units) {
    if (arcs + 2 > to.length) {
      next = Arrays.copyOf(next, 2 * arcs);
      to = Arrays.copyOf(to, 2 * arcs);
      capacity = Arrays.copyOf(capacity, 2 * arcs);
      left = Arrays.copyOf(left, 2 * arcs);
    }
    link(from, target, units);
    link(target, from, 0);
    return arcs - 2;
  }

  private void link(int from, int target, long units) {
    to[arcs] = target;
    capacity[arcs] = units;
    next[arcs] = head[from];
    head[from] = arcs++;
  }

  /// Changes the capacity of an arc.
  void set(int arc, long units) {
    capacity[arc] = units;
  }

  /// Returns the largest flow, or `enough` if it is at least that.
  long flow(int source, int sink, long enough) {
    System.arraycopy(capacity, 0, left, 0, arcs);
    long flow = 0;
    while (flow < enough && findLevels(source, sink)) {
      System.arraycopy(head, 0, current, 0, head.length);
      long more = push(source, sink, enough - flow);
      while (more > 0) {
        flow += more;
        more = flow < enough ? push(source, sink, enough - flow) : 0;
      }
    }
    return flow;
  }

  /// Returns what the last flow sends over an arc.
  long flowOn(int arc) {
    return capacity[arc] - left[arc];
  }

  /// Returns whether the last flow's source still reaches a vertex: the source's side of a least
  /// cut, if the flow was not cut short.
  boolean isReached(int vertex) {
    return level[vertex] >= 0;
  }

  private boolean findLevels(int source, int sink) {
    Arrays.fill(level, -1);
    level[source] = 0;
    queue[0] = source;
    int size = 1;
    for (int i = 0; i < size; i++) {
      for (int arc = head[queue[i]]; arc >= 0; arc = next[arc]) {
        if (left[arc] > 0 && level[to[arc]] < 0) {
          level[to[arc]] = level[queue[i]] + 1;
          queue[size++] = to[arc];
        }
      }
    }
    return level[sink] >= 0;
  }

  private long push(int vertex, int sink, long units) {
    if (vertex == sink) {
      return units;
    }
    for (; current[vertex] >= 0; current[vertex] = next[current[vertex]]) {
      int arc = current[vertex];
      if (left[arc] > 0 && level[to[arc]] == level[vertex] + 1) {
        long pushed = push(to[arc], sink, Math.min(units, left[arc]));
        if (pushed > 0) {
          left[arc] -= pushed;
          left[arc ^ 1] += pushed;
          return pushed;
        }
      }
    }
    return 0;
  }
}
