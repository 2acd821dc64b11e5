package dev.tutti.topology.bound;

import dev.tutti.topology.flow.MaxFlow;
import java.util.Arrays;

/// Maximum flows from a source that feeds some nodes to one node of a [FlowGraph]. Made once for a
/// graph, run for many capacities; not thread-safe.
final class FeedFlow {
  private static final double NOTHING = 1e-13;

  private final int source;
  private final int links;
  private final MaxFlow flow;

  FeedFlow(FlowGraph graph) {
    source = graph.nodes();
    links = graph.links();
    flow = new MaxFlow(source + 1, NOTHING);
    for (int k = 0; k < links; k++) {
      flow.add(graph.from(k), graph.to(k), 0);
    }
    for (int node : graph.rankNodes()) {
      flow.add(source, node, 0);
    }
  }

  /// Returns the maximum flow.
  ///
  /// @param capacities of the links, around 1 where they matter
  /// @param feeds what the source can feed into each of [FlowGraph#rankNodes]
  double run(double[] capacities, double[] feeds, int to) {
    for (int k = 0; k < links; k++) {
      flow.set(k, capacities[k]);
    }
    for (int i = 0; i < feeds.length; i++) {
      flow.set(links + i, feeds[i]);
    }
    return flow.flow(source, to);
  }

  /// Tells, after a run, which nodes the source can still feed: the smallest of the minimum cuts.
  boolean[] sourceSide() {
    return Arrays.copyOf(flow.sourceSide(), source);
  }

  /// Tells, after a run, which nodes cannot feed the sink any more: the largest of the minimum
  /// cuts.
  boolean[] beforeSink() {
    return Arrays.copyOf(flow.beforeSink(), source);
  }
}
