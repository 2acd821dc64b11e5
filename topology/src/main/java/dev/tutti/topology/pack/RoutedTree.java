package dev.tutti.topology.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A spanning tree of ranks and the ways that its edges take through switches.
///
/// @param root its root
/// @param weight what part of the vector it carries
/// @param parent of each rank, -1 for the root
/// @param load of each edge of the graph, in vectors, for the whole weight
record RoutedTree(int root, double weight, int[] parent, double[] load) {
  // Of the vector; a number with many divisors, so that equal shares of few ranks are whole.
  private static final long UNITS = 720_720;
  private static final double LEAST =
      1e-4; // of the vector; lighter trees cost more than they carry
  private static final double[] MARGINS = {0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2};

  /// Returns this tree with another weight.
  RoutedTree withWeight(double other) {
    double factor = other / weight;
    return new RoutedTree(
        root, other, parent, Arrays.stream(load).map(each -> each * factor).toArray());
  }

  /// Packs trees into some part of every edge.
  ///
  /// @param load that part, in vectors; switches give out what they take in
  /// @param shares of the ranks as roots; they add up to 1
  /// @throws IllegalStateException if they do not fit
  static List<RoutedTree> pack(
      CapacityGraph graph, double[] load, double[] shares, TreeShape shape) {
    long[] roots = whole(shares);
    for (double margin : MARGINS) {
      double[] wanted = new double[load.length];
      for (int e = 0; e < load.length; e++) {
        wanted[e] = load[e] * UNITS * (1 + margin);
      }
      SwitchSplitting edges =
          new SwitchSplitting(graph.ranks(), WholeLoads.of(graph, wanted), roots);
      if (edges.isFeasible()) {
        edges.removeSwitches();
        if (edges.isFeasibleWithoutSwitches()) {
          return route(graph, edges, TreePacking.pack(edges.betweenRanks(), roots, shape));
        }
      }
    }
    throw new IllegalStateException("no trees fit into the loads of " + graph.ranks() + " ranks");
  }

  /// Rounds shares to units so that their sum is right: the largest fractions go up.
  private static long[] whole(double[] shares) {
    long[] units = new long[shares.length];
    long left = UNITS;
    for (int r = 0; r < shares.length; r++) {
      units[r] = (long) Math.floor(shares[r] * UNITS + 1e-6);
      left -= units[r];
    }
    while (left > 0) {
      int most = 0;
      for (int r = 1; r < shares.length; r++) {
        if (shares[r] * UNITS - units[r] > shares[most] * UNITS - units[most]) {
          most = r;
        }
      }
      units[most]++;
      left--;
    }
    return units;
  }

  private static List<RoutedTree> route(
      CapacityGraph graph, SwitchSplitting edges, List<TreePacking.Tree> trees) {
    int[][] numberOf = new int[graph.vertices()][graph.vertices()];
    for (int e = 0; e < graph.edges().size(); e++) {
      numberOf[graph.edges().get(e).from()][graph.edges().get(e).to()] = e;
    }
    List<RoutedTree> routed = new ArrayList<>();
    for (TreePacking.Tree tree : trees) {
      double[] load = new double[graph.edges().size()];
      for (int rank = 0; rank < graph.ranks(); rank++) {
        long left = tree.parent()[rank] < 0 ? 0 : tree.units();
        while (left > 0) {
          SwitchSplitting.Way way = edges.take(tree.parent()[rank], rank, left);
          for (int i = 1; i < way.stops().length; i++) {
            load[numberOf[way.stops()[i - 1]][way.stops()[i]]] += (double) way.units() / UNITS;
          }
          left -= way.units();
        }
      }
      routed.add(new RoutedTree(tree.root(), (double) tree.units() / UNITS, tree.parent(), load));
    }
    return routed;
  }

  /// Drops the lightest trees, those of next to no weight in any case, and gives what they carry to
  /// the others of the same root.
  ///
  /// @param most how many may stay, but at least one for each root
  static List<RoutedTree> prune(List<RoutedTree> trees, int most) {
    List<RoutedTree> heavy = new ArrayList<>(trees);
    heavy.sort((a, b) -> Double.compare(b.weight(), a.weight()));
    List<RoutedTree> kept = new ArrayList<>();
    double[] all = new double[trees.getFirst().parent().length];
    double[] stays = new double[all.length];
    trees.forEach(tree -> all[tree.root()] += tree.weight());
    for (RoutedTree tree : heavy) { // the heaviest of each root
      if (stays[tree.root()] == 0) {
        stays[tree.root()] = tree.weight();
        kept.add(tree);
      }
    }
    for (RoutedTree tree : heavy) {
      if (kept.size() < most && tree.weight() >= LEAST && !kept.contains(tree)) {
        stays[tree.root()] += tree.weight();
        kept.add(tree);
      }
    }
    return kept.stream()
        .map(tree -> tree.withWeight(tree.weight() * all[tree.root()] / stays[tree.root()]))
        .sorted((a, b) -> Integer.compare(a.root(), b.root()))
        .toList();
  }
}
