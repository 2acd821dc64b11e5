package dev.tutti.topology.pack;

import dev.tutti.topology.flow.MaxFlow;

/// Turns loads of edges into whole units, so that every switch still gives out what it takes in.
///
/// Rounding down often does that by itself. Else each load goes to a whole number beside it: those
/// form a flow that exists, because the loads themselves are one, and max-flow finds a whole one
/// (the ranks count as one place that may keep or make units).

final class WholeLoads {
  private static final double NOISE = 1e-3; // of a unit

  private WholeLoads() {}

  /// Returns the units from the vertex of the row to that of the column.
  ///
  /// @param load of each edge, as large as units
  static long[][] of(CapacityGraph graph, double[] load) {
    long[] down = new long[load.length];
    for (int e = 0; e < load.length; e++) {
      down[e] = (long) Math.floor(load[e] + NOISE);
    }
    long[] excess = excess(graph, down);
    boolean balanced = true;
    for (int v = graph.ranks(); v < graph.vertices(); v++) {
      balanced &= excess[v] == 0;
    }
    if (!balanced) {
      round(graph, load, down, excess);
    }
    long[][] units = new long[graph.vertices()][graph.vertices()];
    for (int e = 0; e < load.length; e++) {
      CapacityGraph.Edge edge = graph.edges().get(e);
      units[edge.from()][edge.to()] = down[e];
    }
    return units;
  }

  private static long[] excess(CapacityGraph graph, long[] units) {
    long[] excess = new long[graph.vertices()];
    for (int e = 0; e < units.length; e++) {
      excess[graph.edges().get(e).to()] += units[e];
      excess[graph.edges().get(e).from()] -= units[e];
    }
    return excess;
  }

  /// Raises some of the units by one.
  private static void round(CapacityGraph graph, double[] load, long[] down, long[] excess) {
    int hub = graph.vertices();
    int source = hub + 1;
    int sink = hub + 2;
    MaxFlow flow = MaxFlow.withWholeCapacities(hub + 3);
    int[] arcs = new int[load.length];
    for (int e = 0; e < load.length; e++) {
      CapacityGraph.Edge edge = graph.edges().get(e);
      int from = edge.from() < graph.ranks() ? hub : edge.from();
      int to = edge.to() < graph.ranks() ? hub : edge.to();
      boolean between = load[e] > down[e] + NOISE && from != to;
      arcs[e] = flow.add(from, to, between ? 1 : 0);
    }
    long wanted = 0;
    for (int v = graph.ranks(); v < graph.vertices(); v++) {
      flow.add(excess[v] > 0 ? source : v, excess[v] > 0 ? v : sink, Math.abs(excess[v]));
      wanted += Math.abs(excess[v]);
    }
    flow.add(source, hub, wanted);
    flow.add(hub, sink, wanted);
    long _ = flow.wholeFlow(source, sink, MaxFlow.UNLIMITED);
    for (int e = 0; e < load.length; e++) {
      down[e] += Math.round(flow.flowOn(arcs[e]));
    }
  }
}
