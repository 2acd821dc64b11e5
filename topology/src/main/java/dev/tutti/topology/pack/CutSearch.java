package dev.tutti.topology.pack;

import dev.tutti.topology.flow.MaxFlow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Finds sets of vertices out of which too little leads.
///
/// Trees whose roots have shares x fit into edges of capacity o if, for every set S that leaves out
/// a rank, what leads out of S is at least the share of the roots in it (Edmonds, "Edge-disjoint
/// branchings", 1973, with capacities). By max-flow: a source that feeds x into the ranks must be
/// able to send everything to every rank.
final class CutSearch {
  private static final double UNITS = 1L << 40; // of the whole vector
  private static final double SLACK = 1e-7;

  private final CapacityGraph graph;

  CutSearch(CapacityGraph graph) {
    this.graph = graph;
  }

  /// Returns, for each rank that cannot get everything, a set of vertices that keeps it from that.
  ///
  /// @param load capacity of each edge, in vectors
  /// @param shares of the ranks; they add up to 1
  List<BitSet> violated(double[] load, double[] shares) {
    int source = graph.vertices();
    MaxFlow flow = MaxFlow.withWholeCapacities(source + 1);
    for (int e = 0; e < load.length; e++) {
      CapacityGraph.Edge edge = graph.edges().get(e);
      flow.add(edge.from(), edge.to(), Math.round(Math.clamp(load[e], 0, 2) * UNITS));
    }
    long all = 0;
    for (int rank = 0; rank < graph.ranks(); rank++) {
      long units = Math.round(Math.max(0, shares[rank]) * UNITS);
      flow.add(source, rank, units);
      all += units;
    }
    List<BitSet> cuts = new ArrayList<>();
    for (int rank = 0; rank < graph.ranks(); rank++) {
      if (flow.wholeFlow(source, rank, all) < all * (1 - SLACK)) {
        boolean[] side = flow.sourceSide();
        BitSet inside = new BitSet(graph.vertices());
        for (int v = 0; v < graph.vertices(); v++) {
          inside.set(v, side[v]);
        }
        if (!cuts.contains(inside)) {
          cuts.add(inside);
        }
      }
    }
    return cuts;
  }

  /// Returns the least factor for the rates with which the trees fit, by Newton's method: each step
  /// goes to the ratio of a cut that exists.
  ///
  /// @throws IllegalArgumentException if some rank cannot be reached at all
  double leastTime(double[] shares) {
    double time = 0;
    for (int rank = 0; rank < graph.ranks(); rank++) {
      BitSet others = new BitSet();
      others.set(0, graph.vertices());
      others.clear(rank);
      time = Math.max(time, ratio(others, shares));
    }
    while (true) {
      double[] load = new double[graph.edges().size()];
      for (int e = 0; e < load.length; e++) {
        load[e] = graph.edges().get(e).rate() * time;
      }
      double higher = time;
      for (BitSet cut : violated(load, shares)) {
        higher = Math.max(higher, ratio(cut, shares));
      }
      if (higher <= time * (1 + SLACK)) {
        return time;
      }
      time = higher;
    }
  }

  private double ratio(BitSet inside, double[] shares) {
    double share = 0;
    for (int rank = 0; rank < graph.ranks(); rank++) {
      share += inside.get(rank) ? shares[rank] : 0;
    }
    double out = 0;
    for (CapacityGraph.Edge edge : graph.edges()) {
      out += inside.get(edge.from()) && !inside.get(edge.to()) ? edge.rate() : 0;
    }
    if (share > 0 && out == 0) {
      throw new IllegalArgumentException("no way leads from some ranks to some others");
    }
    return share == 0 ? 0 : share / out;
  }
}
