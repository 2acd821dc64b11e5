package dev.tutti.topology.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
  private final FeedFlow flow;
  private final double[] capacities;
  private final double[] shares;
  private final int[] sinks;
  private final List<boolean[]> found = new ArrayList<>();
  private boolean[] worst = {};
  private double seconds;

  /// @param flow of the graph
  /// @param capacities of the links
  /// @param shares of the buffer that each of [FlowGraph#rankNodes] holds; their sum is 1
  /// @param sinks rank nodes to look at; others are like one of these
  CutSearch(FlowGraph graph, FeedFlow flow, double[] capacities, double[] shares, int[] sinks) {
    this.graph = graph;
    this.flow = flow;
    this.capacities = capacities;
    this.shares = shares;
    this.sinks = sinks;
  }

  /// Looks at one cut.
  ///
  /// @return whether it is worse than all before
  boolean offer(boolean[] side) {
    double held = 0;
    boolean isComplete = true;
    int[] nodes = graph.rankNodes();
    for (int i = 0; i < nodes.length; i++) {
      held += side[nodes[i]] ? shares[i] : 0;
      isComplete &= side[nodes[i]];
    }
    double ratio = held == 0 || isComplete ? 0 : held / exit(side);
    if (ratio > seconds * (1 + SLACK / 10)) {
      seconds = ratio;
      worst = side;
      return true;
    }
    return false;
  }

  private double exit(boolean[] side) {
    double sum = 0;
    for (int k = 0; k < capacities.length; k++) {
      sum += side[graph.from(k)] && !side[graph.to(k)] ? capacities[k] : 0;
    }
    return sum;
  }

  /// Considers every cut that is worse than what was offered; something must have been.
  CutSearch exact() {
    for (boolean rising = true; rising; ) {
      rising = false;
      for (int sink : sinks) {
        while (seconds < Double.POSITIVE_INFINITY && isCutOff(sink)) {
          found.add(flow.sourceSide());
          found.add(flow.beforeSink());
          if (!offer(flow.sourceSide())) {
            break;
          }
          rising = true;
        }
      }
    }
    return this;
  }

  /// Considers only cuts whose ratio is above a number.
  CutSearch above(double ratio) {
    seconds = ratio;
    return exact();
  }

  private boolean isCutOff(int sink) {
    double[] carried = new double[capacities.length];
    // Nothing needs to carry more than the buffer.
    Arrays.setAll(
        carried,
        k -> capacities[k] == Double.POSITIVE_INFINITY ? 2 : Math.min(2, capacities[k] * seconds));
    return flow.run(carried, shares, sink) < 1 - SLACK;
  }

  /// Returns seconds for the whole buffer; 0 if no cut limits.
  double seconds() {
    return seconds;
  }

  /// Returns which nodes are inside of the worst cut; empty if none limits.
  boolean[] worst() {
    return worst;
  }

  /// Returns the share of the buffer that has to leave the worst cut.
  double share() {
    return seconds * exit(worst);
  }

  /// Returns all cuts that were found on the way, equal ones perhaps more than once.
  List<boolean[]> found() {
    return found;
  }
}
