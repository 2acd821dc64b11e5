package dev.tutti.topology.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The linear program whose value is the optimum: how long must links be busy so that data can flow
/// outward from all who own shares of the buffer to every rank, inward from every rank to the
/// owners who add up, or both.
///
/// Unknown are the time T, the shares of the rank nodes if they are free, and what each link
/// carries outward and inward:
///
/// - a link carries at most `capacity * T` in both movements together;
/// - a node without ranks sends what it receives;
/// - out of every set of nodes that leaves out a rank node goes at least what is owned inside, and
///   into it, moving inward, as much.
///
/// Loads that keep these rules can be taken apart into trees that many small pieces of the buffer
/// take at the same time (J. Edmonds, Edge-disjoint branchings, 1973; J. Bang-Jensen, A. Frank, B.
/// Jackson, Preserving and increasing local edge-connectivity in mixed graphs, 1995). The sets are
/// too many to write down; a maximum flow to a rank finds one that is violated, until there is
/// none. What is alike by symmetry shares an unknown: the mean of all images of an optimum is an
/// optimum.
///
/// Every solution on the way is a lower bound, as a rule soon a sharp one, but solutions lie in
/// corners where some set is violated for a long time. So sets are looked for at the mean of the
/// last solutions (in-out separation; W. Ben-Ameur, J. Neto, 2007); stretched until none is
/// violated, it is an upper bound.
final class LoadProgram {
  /// What came of it, at capacities of the graph.
  ///
  /// @param lower seconds that are needed
  /// @param upper seconds that are enough
  record Solution(double lower, double upper) {
    boolean isExact() {
      return upper <= lower * (1 + CLOSE);
    }
  }

  /// Bounds that lie no further apart, relatively, count as equal.
  static final double CLOSE = 1e-4;

  private static final double BROKEN = 1e-9;
  private static final long MOST_AT_ONCE = 400_000;

  private final FlowGraph graph;
  private final Orbits orbits;
  private final int[] sinks;
  private final double @Nullable [] fixed;
  private final double scale;
  private final boolean mirrored;
  private final boolean isEven;
  private final List<Phase> phases = new ArrayList<>();
  private final LinearProgram program;
  private double[] mean = {};

  /// One direction of movement: the graph as it runs outward, and what each link carries: an
  /// unknown times a weight.
  private record Phase(FlowGraph graph, int[] column, double[] weight, FeedFlow flow) {
    void add(double[] row, int link, double times) {
      row[column[link]] += times * weight[link];
    }
  }

  private LoadProgram(
      FlowGraph graph,
      Orbits orbits,
      double @Nullable [] shares,
      boolean isInwardToo,
      double scale,
      double[] even) {
    this.graph = graph;
    this.orbits = orbits;
    this.fixed = shares;
    this.scale = scale;
    sinks = orbits.representatives(graph.rankNodes());
    mirrored = isInwardToo && graph.isAlikeBothWays();
    isEven = even.length > 0;
    int first = 1 + (shares == null ? orbits.nodeOrbits() : 0);
    int movements = isInwardToo ? 2 : 1;
    double[] weight = new double[graph.links()];
    Arrays.setAll(weight, k -> isEven ? even[k] * scale / movements : 1);
    int[] outward = new int[graph.links()];
    int[] inward = new int[graph.links()];
    // Where links are alike both ways, turning an optimum round and exchanging outward and inward
    // gives another; the mean of both carries inward what it carries outward the other way.
    Arrays.setAll(outward, k -> isEven ? 0 : first + orbits.link()[k]);
    Arrays.setAll(
        inward,
        k -> isEven ? 0 : mirrored ? outward[graph.reverse(k)] : outward[k] + orbits.linkOrbits());
    phases.add(new Phase(graph, outward, weight, new FeedFlow(graph)));
    if (isInwardToo) {
      FlowGraph reversed = graph.reversed();
      phases.add(new Phase(reversed, inward, weight, new FeedFlow(reversed)));
    }
    int loads = isEven ? 0 : orbits.linkOrbits() * separate().size();
    program = new LinearProgram(first + loads);
  }

  /// Makes the program.
  ///
  /// @param shares of the rank nodes, null if they are free
  /// @param isInwardToo whether data flows inward, too
  /// @param scale seconds near the optimum
  static LoadProgram of(
      FlowGraph graph,
      Orbits orbits,
      double @Nullable [] shares,
      boolean isInwardToo,
      double scale) {
    return new LoadProgram(graph, orbits, shares, isInwardToo, scale, new double[0]);
  }

  /// Makes a program with few unknowns whose solution is enough but perhaps not needed: links are
  /// always busy, equally long with either movement.
  LoadProgram even() {
    return new LoadProgram(
        graph, orbits, fixed, phases.size() == 2, scale, graph.balancedCapacities());
  }

  /// Returns the phases that have unknowns of their own.
  private List<Phase> separate() {
    return mirrored ? phases.subList(0, 1) : phases;
  }

  /// Solves it.
  ///
  /// @param start what links carry in a good solution, as another program has left it, or null
  /// @param known what is known already; the search ends where both bounds meet
  /// @param mostWork numbers that the solver may be given; after that the bounds may lie apart
  Solution solve(@Nullable LoadProgram start, Solution known, long mostWork) {
    rules();
    double lower = known.lower();
    double upper = known.upper();
    mean = start == null ? mean : start.meanFor(this);
    while (upper > lower * (1 + CLOSE)
        && program.size() <= MOST_AT_ONCE
        && program.work() + program.size() <= mostWork) {
      double[] x = program.solve();
      if (x == null) {
        break;
      }
      lower = Math.max(lower, x[0] * scale);
      mean = mean.length == 0 ? x : middle(mean, x);
      double stretch = stretch(mean);
      upper = Math.min(upper, mean[0] * scale * stretch);
      if (stretch <= 1 + BROKEN) {
        mean = x;
        upper = Math.min(upper, x[0] * scale * stretch(x));
      }
    }
    // The solver is accurate to some digits only.
    return new Solution(Math.min(lower, upper), upper);
  }

  /// Returns what this program has found in the unknowns of another one.
  private double[] meanFor(LoadProgram other) {
    if (mean.length == 0) {
      return mean;
    }
    double[] x = new double[other.program.unknowns()];
    System.arraycopy(mean, 0, x, 0, Math.min(mean.length, x.length));
    for (int p = 0; p < phases.size(); p++) {
      Phase own = phases.get(p);
      for (int k = 0; k < graph.links(); k++) {
        x[other.phases.get(p).column()[k]] = mean[own.column()[k]] * own.weight()[k];
      }
    }
    return x;
  }

  private static double[] middle(double[] a, double[] b) {
    double[] mean = new double[a.length];
    Arrays.setAll(mean, i -> (a[i] + b[i]) / 2);
    return mean;
  }

  private void rules() {
    if (!isEven) {
      loadRules();
    }
    shareRules();
  }

  private void loadRules() {
    boolean[] seen = new boolean[orbits.linkOrbits()];
    for (int k = 0; k < graph.links(); k++) {
      if (!seen[orbits.link()[k]] && graph.capacity(k) < Double.POSITIVE_INFINITY) {
        seen[orbits.link()[k]] = true;
        double[] row = program.row();
        row[0] = -graph.capacity(k) * scale;
        for (Phase phase : phases) {
          phase.add(row, k, 1);
        }
        program.limit(row);
      }
    }
    for (int v : orbits.representatives(IntStream.range(0, graph.nodes()).toArray())) {
      if (graph.ranks(v) == 0) {
        separate().forEach(phase -> program.equality(balance(phase, v)));
      }
    }
  }

  private void shareRules() {
    if (fixed == null) {
      double[] row = program.row();
      for (int v : graph.rankNodes()) {
        row[1 + orbits.node()[v]]++;
      }
      row[program.unknowns()] = 1;
      program.equality(row);
    }
    for (int v : sinks) {
      boolean[] only = new boolean[graph.nodes()];
      only[v] = true;
      boolean[] others = new boolean[graph.nodes()];
      Arrays.fill(others, true);
      others[v] = false;
      for (Phase phase : separate()) {
        program.limit(cut(phase, only));
        program.limit(cut(phase, others));
      }
    }
  }

  private double[] balance(Phase phase, int v) {
    double[] row = program.row();
    for (int link : phase.graph().outgoing(v)) {
      phase.add(row, link, 1);
    }
    for (int link : phase.graph().incoming(v)) {
      phase.add(row, link, -1);
    }
    return row;
  }

  private double[] cut(Phase phase, boolean[] inside) {
    double[] row = program.row();
    for (int k = 0; k < graph.links(); k++) {
      if (inside[phase.graph().from(k)] && !inside[phase.graph().to(k)]) {
        phase.add(row, k, -1);
      }
    }
    for (int i = 0; i < graph.rankNodes().length; i++) {
      int v = graph.rankNodes()[i];
      if (inside[v]) {
        own(row, i, v);
      }
    }
    return row;
  }

  private void own(double[] row, int index, int node) {
    if (fixed == null) {
      row[1 + orbits.node()[node]] += 1;
    } else {
      row[program.unknowns()] -= fixed[index];
    }
  }

  /// Adds the sets that loads violate.
  ///
  /// @return by how much the loads have to grow so that they violate none
  private double stretch(double[] x) {
    double most = 1;
    double[] shares =
        fixed != null
            ? fixed
            : Arrays.stream(graph.rankNodes()).mapToDouble(v -> x[1 + orbits.node()[v]]).toArray();
    for (Phase phase : separate()) {
      double[] carried = new double[graph.links()];
      Arrays.setAll(carried, k -> x[phase.column()[k]] * phase.weight()[k]);
      CutSearch search = new CutSearch(phase.graph(), phase.flow(), carried, shares, sinks);
      most = Math.max(most, search.above(1).seconds());
      search.found().forEach(side -> program.cut(cut(phase, side)));
    }
    return most;
  }
}
