package dev.tutti.topology.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.linear.LinearSolver;

/// The linear program whose value is the optimum: how long must links be busy so that data can flow
/// outward from all who own shares of the buffer to every rank, inward from every rank to the
/// owners who add up, or both.
///
/// Unknown are the time T, the shares of the rank nodes if they are free, and what each link
/// carries outward and inward:
///
/// - a link carries at most `capacity * T` in both directions of movement together;
/// - a node without ranks sends what it receives;
/// - out of every set of nodes that leaves out a rank node goes at least what is owned inside, and
///   into it, moving inward, as much.
///
/// Loads that keep these rules can be taken apart into trees that many small pieces of the buffer
/// take at the same time (J. Edmonds, Edge-disjoint branchings, 1973; J. Bang-Jensen, A. Frank, B.
/// Jackson, Preserving and increasing local edge-connectivity in mixed graphs, 1995). The sets are
/// too many to write down; a maximum flow to a rank finds one that is violated, until there is
/// none. Every value on the way is a lower bound. What is alike by symmetry shares a variable: the
/// mean of all images of an optimum is an optimum.
final class LoadProgram {
  /// What came of it, at capacities of the graph.
  ///
  /// @param seconds that are needed
  /// @param exact whether they are also enough
  record Solution(double seconds, boolean exact) {}

  // What a rank may lack of the buffer in the end.
  private static final double SLACK = 1e-7;

  private final FlowGraph graph;
  private final Orbits orbits;
  private final double @Nullable [] fixed;
  private final double scale;
  private final boolean mirrored;
  private final int loads;
  private final int columns;
  private final List<Phase> phases = new ArrayList<>();
  private final List<double[]> inequalities = new ArrayList<>();
  private final List<double[]> equalities = new ArrayList<>();

  /// One direction of movement: the graph as it runs outward, and the column of each link.
  private record Phase(FlowGraph graph, int[] column, MaxFlow flow) {}

  /// @param shares of the rank nodes, null if they are free
  /// @param scale seconds near the optimum
  LoadProgram(
      FlowGraph graph,
      Orbits orbits,
      double @Nullable [] shares,
      boolean outward,
      boolean inward,
      double scale) {
    this.graph = graph;
    this.orbits = orbits;
    this.fixed = shares;
    this.scale = scale;
    mirrored = outward && inward && graph.isAlikeBothWays();
    loads = 1 + (shares == null ? orbits.nodeOrbits() : 0);
    int[] first = Arrays.stream(orbits.link()).map(orbit -> loads + orbit).toArray();
    if (outward) {
      phases.add(new Phase(graph, first, new MaxFlow(graph)));
    }
    if (inward) {
      FlowGraph reversed = graph.reversed();
      int shift = outward ? orbits.linkOrbits() : 0;
      int[] second = new int[graph.links()];
      // Where links are alike both ways, turning an optimum round and exchanging outward and inward
      // gives another; the mean of both carries inward what it carries outward the other way.
      Arrays.setAll(second, k -> mirrored ? first[graph.reverse(k)] : first[k] + shift);
      phases.add(new Phase(reversed, second, new MaxFlow(reversed)));
    }
    columns = loads + orbits.linkOrbits() * (mirrored ? 1 : phases.size());
    rules();
  }

  /// Returns the number of unknowns.
  int size() {
    return columns;
  }

  private void rules() {
    boolean[] seen = new boolean[orbits.linkOrbits()];
    for (int k = 0; k < graph.links(); k++) {
      if (!seen[orbits.link()[k]] && graph.capacity(k) < Double.POSITIVE_INFINITY) {
        seen[orbits.link()[k]] = true;
        double[] row = row();
        row[0] = -graph.capacity(k) * scale;
        for (Phase phase : phases) {
          row[phase.column()[k]] += 1;
        }
        inequalities.add(row);
      }
    }
    for (int v :
        orbits.representatives(java.util.stream.IntStream.range(0, graph.nodes()).toArray())) {
      if (graph.ranks(v) == 0) {
        separate().forEach(phase -> equalities.add(balance(phase, v)));
      }
    }
    if (fixed == null) {
      double[] row = row();
      for (int v : graph.rankNodes()) {
        row[1 + orbits.node()[v]]++;
      }
      row[columns] = 1;
      equalities.add(row);
    }
    for (int v : orbits.representatives(graph.rankNodes())) {
      boolean[] only = new boolean[graph.nodes()];
      only[v] = true;
      boolean[] others = new boolean[graph.nodes()];
      Arrays.fill(others, true);
      others[v] = false;
      for (Phase phase : separate()) {
        cut(phase, only);
        cut(phase, others);
      }
    }
  }

  /// Returns a row of coefficients, with the right side behind them.
  private double[] row() {
    return new double[columns + 1];
  }

  private List<Phase> separate() {
    return mirrored ? phases.subList(0, 1) : phases;
  }

  private double[] balance(Phase phase, int v) {
    double[] row = row();
    for (int link : phase.graph().outgoing(v)) {
      row[phase.column()[link]] += 1;
    }
    for (int link : phase.graph().incoming(v)) {
      row[phase.column()[link]] -= 1;
    }
    return row;
  }

  private void cut(Phase phase, boolean[] inside) {
    double[] row = row();
    for (int k = 0; k < graph.links(); k++) {
      if (inside[phase.graph().from(k)] && !inside[phase.graph().to(k)]) {
        row[phase.column()[k]] -= 1;
      }
    }
    for (int i = 0; i < graph.rankNodes().length; i++) {
      int v = graph.rankNodes()[i];
      if (inside[v]) {
        own(row, i, v);
      }
    }
    inequalities.add(row);
  }

  private void own(double[] row, int index, int node) {
    if (fixed == null) {
      row[1 + orbits.node()[node]] += 1;
    } else {
      row[columns] -= fixed[index];
    }
  }

  /// Solves it.
  ///
  /// @param mostRounds after so many the seconds may be too few
  /// @return null if the solver gives up before it has any bound
  @Nullable Solution solve(int mostRounds) {
    Solution best = null;
    for (int round = 0; round < mostRounds; round++) {
      double[] x = optimum();
      if (x == null) {
        return best;
      }
      boolean exact = addViolated(x) >= 1 - SLACK;
      best = new Solution(x[0] * scale, exact);
      if (exact) {
        return best;
      }
    }
    return best;
  }

  private double @Nullable [] optimum() {
    double[] objective = new double[columns];
    objective[0] = 1;
    LinearSolver.Builder builder = LinearSolver.newBuilder(objective).lower(0.0);
    for (double[] row : equalities) {
      builder.equality(row[columns], Arrays.copyOf(row, columns));
    }
    for (double[] row : inequalities) {
      builder.inequality(row[columns], Arrays.copyOf(row, columns));
    }
    Optimisation.Result result = builder.solve();
    if (!result.getState().isOptimal()) {
      return null;
    }
    double[] x = new double[columns];
    Arrays.setAll(x, result::doubleValue);
    return x;
  }

  private double[] shares(double[] x) {
    return fixed != null
        ? fixed
        : Arrays.stream(graph.rankNodes())
            .mapToDouble(v -> Math.max(0, x[1 + orbits.node()[v]]))
            .toArray();
  }

  /// Adds a violated cut for every rank that does not get, or give, the whole buffer.
  ///
  /// @return the least part of the buffer that a rank gets
  private double addViolated(double[] x) {
    double least = 1;
    double[] shares = shares(x);
    for (Phase phase : separate()) {
      double[] carried = new double[graph.links()];
      Arrays.setAll(carried, k -> Math.max(0, x[phase.column()[k]]));
      for (int sink : orbits.representatives(graph.rankNodes())) {
        double flow = phase.flow().run(carried, shares, sink);
        if (flow < 1 - SLACK) {
          boolean[] small = phase.flow().sourceSide();
          boolean[] large = phase.flow().beforeSink();
          cut(phase, small);
          if (!Arrays.equals(small, large)) {
            cut(phase, large);
          }
        }
        least = Math.min(least, flow);
      }
    }
    return least;
  }
}
