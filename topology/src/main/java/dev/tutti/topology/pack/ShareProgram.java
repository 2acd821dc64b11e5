package dev.tutti.topology.pack;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

/// The linear program of an all-reduce: which rank is the root of which share of the vector, and
/// which part of each link the trees to the roots and from the roots may have.
///
/// Minimise T so that, with shares x and loads i (to the roots) and o (from them): `i + o <= rate *
/// T` on every link, switches give out what they take in, and every cut of [CutSearch] holds, for o
/// as it stands and for i with all links turned round. There are too many cuts to write down; the
/// program starts with those around single ranks and gets the violated ones until none is. In units
/// of the vector; the rates are made to be around 1.
///
/// Where every link has an equal reverse, i may be o turned round and nothing is lost: the mean of
/// a solution and its mirror image is one. The trees to the roots are then those from them. And
/// mostly nothing is lost if each direction also has half of every link; then only T and x remain,
/// and the trees are simple. Whether that is so shows early, because the program with the cuts
/// found so far never says too much.
final class ShareProgram {
  /// What is asked.
  private enum Form {
    /// Both directions, each half of every link.
    HALVES,
    /// Both directions, one the mirror image of the other.
    MIRRORED,
    /// Both directions.
    BOTH,
    /// From the roots only.
    FORTH
  }

  private static final int MOST_ROUNDS = 200;
  private static final double EVENNESS = 1e-4; // weight of the largest share beside T
  private static final double FRUGALITY = 1e-6; // weight of the mean load beside T
  private static final double ALMOST = 0.995; // halves that come so close are taken

  private final CapacityGraph graph;
  private final CapacityGraph back;
  private final Form form;
  private final double unit; // rate that counts as 1
  private final ExpressionsBasedModel model = new ExpressionsBasedModel();
  private final Variable time;
  private final Variable[] share;
  private final List<Variable> out = new ArrayList<>();
  private final List<Variable> in = new ArrayList<>();
  private final List<BitSet> seen = new ArrayList<>();
  private int rows;

  /// What came out.
  ///
  /// @param time over which the loads are spread: seconds per byte if rates are bytes/s
  /// @param bound least time possible, as far as it was found out
  /// @param mirrored whether `in` is `out` turned round
  /// @param shares of the ranks as roots
  /// @param in load of each edge by trees to roots, in vectors
  /// @param out load of each edge by trees from roots
  record Solution(
      double time, double bound, boolean mirrored, double[] shares, double[] in, double[] out) {}

  private ShareProgram(
      CapacityGraph graph, Form form, double typicalTime, double @Nullable [] given) {
    this.graph = graph;
    this.back = graph.reversed();
    this.form = form;
    this.unit = 1 / typicalTime;
    time = model.newVariable("T").lower(0).weight(1);
    Variable largest = model.newVariable("largest").lower(0).weight(EVENNESS);
    share = new Variable[graph.ranks()];
    Expression sum = row().level(1);
    for (int rank = 0; rank < share.length; rank++) {
      share[rank] = model.newVariable("x" + rank).lower(0);
      if (given != null) {
        share[rank].level(given[rank]);
      }
      sum.set(share[rank], 1);
      row().lower(0).set(largest, 1).set(share[rank], -1);
    }
    if (form != Form.HALVES) {
      addLoads();
    }
    for (int rank = 0; rank < graph.ranks(); rank++) {
      BitSet alone = new BitSet();
      alone.set(rank);
      BitSet others = new BitSet();
      others.set(0, graph.vertices());
      others.clear(rank);
      for (BitSet cut : List.of(alone, others)) {
        addCut(cut, false);
        addCut(cut, true);
      }
    }
  }

  private void addLoads() {
    double weight = FRUGALITY / graph.edges().size();
    int edges = graph.edges().size();
    int[] reverse = graph.reverses();
    for (int e = 0; e < edges; e++) {
      out.add(model.newVariable("o" + e).lower(0).weight(weight));
    }
    for (int e = 0; e < edges && form != Form.FORTH; e++) {
      in.add(
          form == Form.MIRRORED
              ? out.get(reverse[e])
              : model.newVariable("i" + e).lower(0).weight(weight));
    }
    for (int e = 0; e < edges; e++) {
      Expression link = row().lower(0).set(time, rate(e)).set(out.get(e), -1);
      if (form != Form.FORTH) {
        link.set(in.get(e), -1);
      }
    }
    balanceSwitches(out);
    if (form == Form.BOTH) {
      balanceSwitches(in);
    }
  }

  private double rate(int edge) {
    return graph.edges().get(edge).rate() / unit;
  }

  private Expression row() {
    return model.newExpression("r" + rows++);
  }

  private void balanceSwitches(List<Variable> load) {
    for (int v = graph.ranks(); v < graph.vertices(); v++) {
      Expression balance = row().level(0);
      for (int e = 0; e < load.size(); e++) {
        CapacityGraph.Edge edge = graph.edges().get(e);
        if (edge.from() == v || edge.to() == v) {
          balance.set(load.get(e), edge.from() == v ? 1 : -1);
        }
      }
    }
  }

  private void addCut(BitSet inside, boolean turned) {
    if (form != Form.BOTH && turned) {
      return; // the same, or none
    }
    Expression cut = row().lower(0);
    double rates = 0;
    for (int e = 0; e < graph.edges().size(); e++) {
      CapacityGraph.Edge edge = graph.edges().get(e);
      int from = turned ? edge.to() : edge.from();
      int to = turned ? edge.from() : edge.to();
      if (inside.get(from) && !inside.get(to)) {
        rates += rate(e);
        if (form != Form.HALVES) {
          cut.set(turned ? in.get(e) : out.get(e), 1);
        }
      }
    }
    if (form == Form.HALVES) {
      cut.set(time, rates / 2);
    }
    for (int rank = 0; rank < share.length; rank++) {
      if (inside.get(rank)) {
        cut.set(share[rank], -1);
      }
    }
  }

  /// Solves the program of an all-reduce.
  ///
  /// @param typicalTime some time that is not far from the result
  static Solution ofAllReduce(CapacityGraph graph, double typicalTime) {
    if (!graph.isSymmetric()) {
      return new ShareProgram(graph, Form.BOTH, typicalTime, null).run(Double.POSITIVE_INFINITY);
    }
    ShareProgram halves = new ShareProgram(graph, Form.HALVES, typicalTime, null);
    Solution simple = halves.run(Double.POSITIVE_INFINITY);
    ShareProgram mirrored = new ShareProgram(graph, Form.MIRRORED, typicalTime, null);
    halves.seen.forEach(cut -> mirrored.addCut(cut, false));
    Solution free = mirrored.run(simple.time() * ALMOST);
    double bound = Math.min(free.bound(), simple.time());
    Solution best = free.bound() >= simple.time() * ALMOST ? simple : free;
    return new Solution(best.time(), bound, true, best.shares(), best.in(), best.out());
  }

  /// Solves the program of a collective from roots that have given shares.
  ///
  /// @param typicalTime some time that is not far from the result
  static Solution fromRoots(CapacityGraph graph, double[] shares, double typicalTime) {
    return new ShareProgram(graph, Form.FORTH, typicalTime, shares).run(Double.POSITIVE_INFINITY);
  }

  /// Solves the program.
  ///
  /// @param enough the time from which on nobody wants to know more
  private Solution run(double enough) {
    CutSearch forth = new CutSearch(graph);
    CutSearch turned = new CutSearch(back);
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Optimisation.Result result = model.minimise();
      if (!result.getState().isFeasible()) {
        throw new IllegalStateException("the program of shares is " + result.getState());
      }
      Solution solution = solution();
      if (solution.time() >= enough) {
        return solution;
      }
      List<BitSet> cuts = forth.violated(solution.out(), solution.shares());
      List<BitSet> turnedCuts =
          form == Form.BOTH ? turned.violated(solution.in(), solution.shares()) : List.of();
      if (cuts.isEmpty() && turnedCuts.isEmpty()) {
        return solution;
      }
      cuts.forEach(cut -> addCut(cut, false));
      turnedCuts.forEach(cut -> addCut(cut, true));
      seen.addAll(cuts);
    }
    throw new IllegalStateException("the program of shares has not ended");
  }

  private static double value(Variable variable) {
    return Math.max(0, variable.getValue().doubleValue());
  }

  private Solution solution() {
    double[] shares = new double[share.length];
    double sum = 0;
    for (int rank = 0; rank < shares.length; rank++) {
      shares[rank] = value(share[rank]);
      sum += shares[rank];
    }
    for (int rank = 0; rank < shares.length; rank++) {
      shares[rank] /= sum;
    }
    int edges = graph.edges().size();
    double[] toRoots = new double[edges];
    double[] fromRoots = new double[edges];
    for (int e = 0; e < edges; e++) {
      double half = rate(e) * value(time) / 2;
      fromRoots[e] = form == Form.HALVES ? half : value(out.get(e));
      toRoots[e] = form == Form.HALVES ? half : form == Form.FORTH ? 0 : value(in.get(e));
    }
    double seconds = value(time) / unit;
    return new Solution(seconds, seconds, form != Form.BOTH, shares, toRoots, fromRoots);
  }
}
