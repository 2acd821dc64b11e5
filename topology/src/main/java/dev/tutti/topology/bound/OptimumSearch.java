package dev.tutti.topology.bound;

import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Optimum.Proof;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Finds an [Optimum]: by cuts where those are enough, by a linear program where that is small
/// enough, by the cuts that people would look at first elsewhere.
final class OptimumSearch {
  private static final double CLOSE = 1e-6;
  // Work beyond which cuts are not searched but looked up: links of the graph times flows.
  private static final long MOST_FLOW_WORK = 400_000;
  // Numbers that the solver of linear programs is given, which take about a second.
  private static final long MOST_WORK = 3_000_000;

  private final Topology topology;
  private final Movement movement;
  private final GraphReduction reduction;
  private final FlowGraph graph;
  private final int root;
  private final List<Partition> natural;
  private final Orbits orbits;
  private final int[] sinks;

  OptimumSearch(Topology topology, Movement movement, int rootRank) {
    this.topology = topology;
    this.movement = movement;
    reduction = new GraphReduction(topology);
    root = movement.isRooted() ? reduction.nodeOf(rootRank) : -1;
    // Adding up is handing out backwards: what moves inward only is looked at turned round.
    graph = movement.isOnlyInward() ? reduction.graph().reversed() : reduction.graph();
    natural = Partition.natural(topology, reduction, graph);
    orbits = Symmetry.of(graph, root);
    sinks = orbits.representatives(graph.rankNodes());
  }

  Optimum optimum() {
    if (graph.rankNodes().length < 2) {
      return result(0, Proof.NOTHING_KNOWN, null);
    }
    boolean[] stuck = stuck();
    if (stuck.length > 0) {
      return result(Double.POSITIVE_INFINITY, Proof.NO_WAY, cut(stuck, 1));
    }
    return movement == Movement.ALL_REDUCE ? allReduce() : oneWay();
  }

  /// Returns the shares that the collective itself says, of each rank node.
  private double[] shares() {
    return root < 0
        ? graph.equalShares()
        : IntStream.of(graph.rankNodes()).mapToDouble(v -> v == root ? 1 : 0).toArray();
  }

  /// Returns nodes around a rank node from where another cannot be reached although it must be,
  /// empty if there are none.
  private boolean[] stuck() {
    int start = root < 0 ? graph.rankNodes()[0] : root;
    boolean[] reached = graph.reach(start);
    boolean[] back = graph.reversed().reach(start);
    boolean[] others = new boolean[back.length];
    for (int v = 0; v < back.length; v++) {
      others[v] = !back[v];
    }
    for (int v : graph.rankNodes()) {
      if (!reached[v]) {
        return reached;
      }
      if (root < 0 && others[v]) {
        return others;
      }
    }
    return new boolean[0];
  }

  private Optimum oneWay() {
    double[] shares = shares();
    CutSearch search = search(graph, natural, shares);
    if (search.seconds() == 0) {
      return result(0, Proof.NOTHING_KNOWN, null);
    }
    LimitingCut cut = cut(search.worst(), search.share());
    if (isSearchable() && graph.isBalanced()) {
      return result(search.seconds(), Proof.CUT, cut);
    }
    LoadProgram.Solution solved = solve(shares, search.seconds(), search.seconds());
    boolean isCut = search.seconds() >= solved.lower() * (1 - CLOSE);
    Proof proof = solved.isExact() ? isCut ? Proof.CUT : Proof.LINEAR_PROGRAM : Proof.LOWER_BOUND;
    return result(solved.lower(), proof, isCut ? cut : null);
  }

  private CutSearch search(FlowGraph way, List<Partition> partitions, double[] shares) {
    double[] capacities = IntStream.range(0, way.links()).mapToDouble(way::capacity).toArray();
    CutSearch search = new CutSearch(way, new FeedFlow(way), capacities, shares, sinks);
    for (Partition partition : partitions) {
      search.offer(partition.worst(shares));
    }
    return isSearchable() ? search.exact() : search;
  }

  private boolean isSearchable() {
    return (long) sinks.length * graph.links() <= MOST_FLOW_WORK;
  }

  private static boolean[] not(boolean[] side) {
    boolean[] other = new boolean[side.length];
    for (int v = 0; v < side.length; v++) {
      other[v] = !side[v];
    }
    return other;
  }

  private LoadProgram.Solution solve(double @Nullable [] shares, double needed, double near) {
    if (!isSearchable()) {
      return new LoadProgram.Solution(needed, Double.POSITIVE_INFINITY);
    }
    boolean isInwardToo = movement == Movement.ALL_REDUCE;
    LoadProgram whole = LoadProgram.of(graph, orbits, shares, isInwardToo, near);
    LoadProgram even = whole.even();
    LoadProgram.Solution known = new LoadProgram.Solution(needed, Double.POSITIVE_INFINITY);
    known = new LoadProgram.Solution(needed, even.solve(null, known, MOST_WORK).upper());
    return known.isExact() ? known : whole.solve(even, known, MOST_WORK);
  }

  private Optimum allReduce() {
    double[] equal = graph.equalShares();
    double outward = search(graph, natural, equal).seconds();
    double enough = outward + (graph.isAlikeBothWays() ? outward : inward(equal));
    if (enough == 0) {
      return result(0, Proof.NOTHING_KNOWN, null);
    }
    Needed needed = needed();
    LimitingCut cut =
        needed.parts().isEmpty() ? null : reduction.cut(needed.parts(), needed.share());
    if (isSearchable() && graph.isBalanced() && needed.seconds() >= enough * (1 - CLOSE)) {
      return result(needed.seconds(), Proof.CUT, cut);
    }
    LoadProgram.Solution solved = solve(null, needed.seconds(), enough);
    boolean isCut = needed.seconds() >= solved.lower() * (1 - CLOSE);
    Proof proof = solved.isExact() ? Proof.LINEAR_PROGRAM : Proof.LOWER_BOUND;
    return result(solved.lower(), proof, isCut ? cut : null);
  }

  /// Returns the seconds of a reduce-scatter.
  private double inward(double[] shares) {
    FlowGraph turned = graph.reversed();
    return search(turned, Partition.natural(topology, reduction, turned), shares).seconds();
  }

  /// What an all-reduce needs at least because of some parts.
  private record Needed(double seconds, List<boolean[]> parts, double share) {}

  /// Returns the worst of the partitions that people would look at first. All of the buffer must
  /// leave each part and come into it, be it in pieces or in sums.
  private Needed needed() {
    Needed worst = new Needed(0, List.of(), 0);
    for (Partition each : natural) {
      for (int i = 0; i < each.count(); i++) {
        double out = 1 / each.exit(i);
        double in = 1 / each.entry(i);
        if (Math.max(out, in) > worst.seconds() * (1 + CLOSE / 100) && each.isProper(i)) {
          boolean[] side = out >= in ? each.inside(i) : each.outside(i);
          worst = new Needed(Math.max(out, in), List.of(side), 1);
        }
      }
      if (each.count() > 1) {
        double share = 2.0 * (each.count() - 1);
        double seconds = share / each.crossing();
        if (seconds > worst.seconds() * (1 + CLOSE / 100)) {
          worst = new Needed(seconds, each.parts(), share);
        }
      }
    }
    return worst;
  }

  /// Returns a cut through the graph in terms of the topology.
  private LimitingCut cut(boolean[] side, double share) {
    return reduction.cut(List.of(movement.isOnlyInward() ? not(side) : side), share);
  }

  private Optimum result(double seconds, Proof proof, @Nullable LimitingCut cut) {
    int ranks = topology.ranks().size();
    return new Optimum(movement, ranks, seconds / reduction.unit(), proof, cut);
  }
}
