package dev.tutti.topology.pack;

import dev.tutti.topology.flow.MaxFlow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// Replaces switches by direct edges between ranks, so that trees of ranks still fit.
///
/// Source: edge splitting, Mader for undirected and Bang-Jensen, Frank, Jackson, "Preserving and
/// increasing local edge-connectivity in mixed graphs", SIAM J. Discrete Math. 8 (1995) for
/// directed graphs; with capacities and max-flows as in ForestColl (arXiv 2402.06787, section 5.3).
/// Some units of an edge u → w and of an edge w → t become a direct u → t. That takes from what
/// leads out of the sets with u and t but not w, and of those with w but neither u nor t; the least
/// surplus of these over the shares of the roots inside, by max-flow, is how many units may go. For
/// a switch that gives out what it takes in, the theorem says that all its edges can go this way.
///
/// The ranks of a switch are paired with their neighbours first, which makes rings of them; trees
/// then are chains, which the engine pipelines slice by slice. Exact, in whole units. O(V^2) pairs
/// for each switch at worst, but mostly as many as it has edges, of N + 1 max-flows each.
final class SwitchSplitting {
  private final int ranks;
  private final int vertices;
  private final long[] share;
  private final long all;
  private final long[][] units;
  private final List<List<Deque<Way>>> ways = new ArrayList<>(); // by from and to

  /// Units of an edge and the switches they go through.
  ///
  /// @param units how many
  /// @param stops the vertices, from the first to the last
  record Way(long units, int[] stops) {}

  /// Starts with the edges as they are.
  ///
  /// @param units capacity of each edge, from the vertex of the row to that of the column
  /// @param share of each rank as a root
  SwitchSplitting(int ranks, long[][] units, long[] share) {
    this.ranks = ranks;
    this.vertices = units.length;
    this.share = share;
    this.all = Arrays.stream(share).sum();
    this.units = units;
    for (int from = 0; from < vertices; from++) {
      List<Deque<Way>> row = new ArrayList<>();
      for (int to = 0; to < vertices; to++) {
        Deque<Way> edge = new ArrayDeque<>();
        if (units[from][to] > 0) {
          edge.add(new Way(units[from][to], new int[] {from, to}));
        }
        row.add(edge);
      }
      ways.add(row);
    }
  }

  /// Returns whether trees with these roots fit into the edges as they are now.
  boolean isFeasible() {
    return isFeasible(vertices);
  }

  /// Returns whether they fit into the edges between ranks alone.
  boolean isFeasibleWithoutSwitches() {
    return isFeasible(ranks);
  }

  private boolean isFeasible(int used) {
    MaxFlow flow = MaxFlow.withWholeCapacities(vertices + 1);
    addEdges(flow, used);
    for (int rank = 0; rank < ranks; rank++) {
      flow.add(vertices, rank, share[rank]);
    }
    for (int rank = 0; rank < ranks; rank++) {
      if (flow.wholeFlow(vertices, rank, all) < all) {
        return false;
      }
    }
    return true;
  }

  private void addEdges(MaxFlow flow, int used) {
    for (int from = 0; from < used; from++) {
      for (int to = 0; to < used; to++) {
        if (units[from][to] > 0) {
          flow.add(from, to, units[from][to]);
        }
      }
    }
  }

  /// Splits all edges of all switches.
  void removeSwitches() {
    for (int w = ranks; w < vertices; w++) {
      boolean progress = true;
      while (progress) {
        progress = false;
        int[] in = neighbours(w, false);
        for (int shift = 1; shift <= in.length; shift++) {
          int[] out = neighbours(w, true);
          for (int u : in) {
            progress |= out.length > 0 && units[u][w] > 0 && splitFrom(u, w, out, shift);
          }
        }
      }
    }
  }

  /// Pairs an edge into a switch with one that leads out to a vertex some places behind it.
  private boolean splitFrom(int u, int w, int[] out, int shift) {
    int place = Arrays.binarySearch(out, u);
    int start = place >= 0 ? place : -place - 2;
    int t = out[Math.floorMod(start + shift, out.length)];
    long wanted = Math.min(units[u][w], units[w][t]);
    long possible = wanted == 0 ? 0 : Math.min(wanted, surplus(u, w, t, wanted));
    if (possible <= 0) {
      return false;
    }
    units[u][w] -= possible;
    units[w][t] -= possible;
    join(u, w, t, possible);
    if (u != t) {
      units[u][t] += possible;
    }
    return true;
  }

  private int[] neighbours(int w, boolean outward) {
    int[] result = new int[vertices];
    int count = 0;
    for (int v = 0; v < vertices; v++) {
      if ((outward ? units[w][v] : units[v][w]) > 0) {
        result[count++] = v;
      }
    }
    return Arrays.copyOf(result, count);
  }

  /// Returns how many units of u → w → t may become u → t, or `wanted` if it is at least that.
  private long surplus(int u, int w, int t, long wanted) {
    int source = vertices;
    int sink = vertices + 1;
    MaxFlow flow = withRoots();
    flow.add(source, u, MaxFlow.UNLIMITED);
    flow.add(source, t, MaxFlow.UNLIMITED);
    flow.add(w, sink, MaxFlow.UNLIMITED);
    long least = leastFlow(flow, u, t, all + wanted) - all;
    if (least <= 0) {
      return 0;
    }
    flow = withRoots();
    flow.add(source, w, MaxFlow.UNLIMITED);
    flow.add(u, sink, MaxFlow.UNLIMITED);
    flow.add(t, sink, MaxFlow.UNLIMITED);
    boolean rankOutside = u < ranks || t < ranks;
    long other =
        rankOutside
            ? flow.wholeFlow(source, sink, all + wanted)
            : leastFlow(flow, -1, -1, all + wanted);
    return Math.min(least, other - all);
  }

  private MaxFlow withRoots() {
    MaxFlow flow = MaxFlow.withWholeCapacities(vertices + 2);
    addEdges(flow, vertices);
    for (int rank = 0; rank < ranks; rank++) {
      flow.add(vertices, rank, share[rank]);
    }
    return flow;
  }

  /// Returns the least flow with one more rank at the sink, other than two.
  private long leastFlow(MaxFlow flow, int u, int t, long enough) {
    long least = enough;
    for (int rank = 0; rank < ranks; rank++) {
      if (rank != u && rank != t) {
        int arc = flow.add(rank, vertices + 1, MaxFlow.UNLIMITED);
        least = Math.min(least, flow.wholeFlow(vertices, vertices + 1, least));
        flow.set(arc, 0);
      }
    }
    return least;
  }

  /// Joins the ways of two edges.
  private void join(int u, int w, int t, long count) {
    long left = count;
    while (left > 0) {
      Way first = take(u, w, left);
      long rest = first.units();
      while (rest > 0) {
        Way second = take(w, t, rest);
        if (u != t) {
          int[] stops =
              Arrays.copyOf(first.stops(), first.stops().length + second.stops().length - 1);
          System.arraycopy(
              second.stops(), 1, stops, first.stops().length, second.stops().length - 1);
          ways.get(u).get(t).add(new Way(second.units(), stops));
        }
        rest -= second.units();
      }
      left -= first.units();
    }
  }

  /// Takes some units, at least one, of one way of an edge.
  Way take(int from, int to, long most) {
    Deque<Way> edge = ways.get(from).get(to);
    Way way = edge.remove();
    if (way.units() > most) {
      edge.addFirst(new Way(way.units() - most, way.stops()));
      return new Way(most, way.stops());
    }
    return way;
  }

  /// Returns what is left between ranks.
  long[][] betweenRanks() {
    long[][] result = new long[ranks][];
    for (int rank = 0; rank < ranks; rank++) {
      result[rank] = Arrays.copyOf(units[rank], ranks);
    }
    return result;
  }
}
