package dev.tutti.topology.bound;

import java.util.Arrays;

/// The worst cut of a movement outward with given shares: what each rank node holds must reach
/// every other.
///
/// A set S of nodes that leaves out a rank node takes at least `share held in S / exit(S)` seconds
/// per byte (ForestColl, arXiv 2402.06787, section 3, there with equal shares). The search is
/// Newton's method on that ratio. Invariant: every candidate is the ratio of a cut that exists, and
/// rises. With links that carry what they can in that time, some rank node that does not get
/// everything lies behind a cut with a higher ratio; if there is none, the candidate is the
/// maximum.
final class CutSearch {
  /// Relative accuracy of ratios.
  static final double SLACK = 1e-9;

  private final FlowGraph graph;
  private final double[] shares;
  private final int[] sinks;
  private boolean[] worst = {};
  private double seconds;

  /// @param shares of the buffer that each of [FlowGraph#rankNodes] holds; their sum is 1
  /// @param sinks rank nodes to look at; others are like one of these
  CutSearch(FlowGraph graph, double[] shares, int[] sinks) {
    this.graph = graph;
    this.shares = shares;
    this.sinks = sinks;
  }

  /// Considers every cut. Every rank node that must be reached has to be reachable.
  CutSearch exact() {
    MaxFlow flow = new MaxFlow(graph);
    for (int sink : sinks) {
      offer(allBut(sink));
    }
    for (boolean rising = true; rising; ) {
      rising = false;
      for (int sink : sinks) {
        while (flow.run(carried(), shares, sink) < 1 - SLACK && offer(flow.sourceSide())) {
          rising = true;
        }
      }
    }
    return this;
  }

  private boolean[] allBut(int node) {
    boolean[] side = new boolean[graph.nodes()];
    Arrays.fill(side, true);
    side[node] = false;
    return side;
  }

  private double[] carried() {
    double[] carried = new double[graph.links()];
    for (int k = 0; k < carried.length; k++) {
      // Nothing needs to carry more than the buffer.
      double capacity = graph.capacity(k);
      carried[k] = capacity == Double.POSITIVE_INFINITY ? 2 : Math.min(2, capacity * seconds);
    }
    return carried;
  }

  /// Looks at one cut.
  ///
  /// @return whether it is worse than all before
  boolean offer(boolean[] side) {
    double held = 0;
    double missing = 0;
    int[] nodes = graph.rankNodes();
    for (int i = 0; i < nodes.length; i++) {
      held += side[nodes[i]] ? shares[i] : 0;
      missing += side[nodes[i]] ? 0 : 1;
    }
    double ratio = held == 0 || missing == 0 ? 0 : held / graph.exit(side);
    if (ratio > seconds * (1 + SLACK / 10)) {
      seconds = ratio;
      worst = side.clone();
      return true;
    }
    return false;
  }

  /// Returns seconds for the whole buffer at capacities of the graph; 0 if no cut limits.
  double seconds() {
    return seconds;
  }

  /// Returns which nodes are inside of the worst cut; empty if none limits.
  boolean[] worst() {
    return worst;
  }

  /// Returns the share of the buffer that has to leave the worst cut.
  double share() {
    return seconds * graph.exit(worst);
  }
}
