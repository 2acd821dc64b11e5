package dev.tutti.topology.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Spanning trees over ranks that together use a network of any shape as well as it allows: for
/// all-gather and broadcast from the roots, for reduce-scatter to the roots, for all-reduce both.
///
/// Source: ForestColl (arXiv 2402.06787): the least time is that of the tightest cut ([CutSearch]);
/// switches are split off ([SwitchSplitting]), then trees are packed ([TreePacking]). Ours is that
/// the roots of an all-reduce have unequal shares of the vector and that the two directions share
/// the links unequally, both found by a linear program ([ShareProgram]): where ports or links are
/// unequally fast, roots with equal shares are up to 1.75 times slower.
///
/// @param ranks number of ranks
/// @param trees what each carries, ordered by root
/// @param secondsPerByte how long the busiest link needs for a vector of one byte, by bandwidth
///   alone, where rates are in bytes/s
/// @param boundSecondsPerByte how long it takes at least, whatever the algorithm
/// @param load of each edge of the graph, in vectors
public record PackedTrees(
    int ranks, List<Tree> trees, double secondsPerByte, double boundSecondsPerByte, double[] load) {
  /// The most ranks that trees are searched for; beyond, that takes minutes.
  public static final int MOST_RANKS = 64;

  private static final long BLOCK = 1 << 20; // weight of the trees of one root of equal shares
  private static final double UNITS = 1 << 26; // weight of all trees of unequal shares, roughly
  private static final double LEAST_SHARE = 1e-4; // smaller roots are none

  /// What one part of the vector does.
  ///
  /// @param root where it is reduced, or comes from
  /// @param weight how large the part is
  /// @param up to whom each rank sends its sum, -1 for the root; empty where nothing is reduced
  /// @param down from whom each rank receives the result, -1 for the root; empty likewise
  public record Tree(int root, long weight, int[] up, int[] down) {}

  /// Copies the list.
  public PackedTrees {
    trees = List.copyOf(trees);
  }

  /// Packs trees for an all-gather: every root has the same share.
  ///
  /// @param most how many trees there may be, but at least one for each rank
  /// @throws IllegalArgumentException if there are too many ranks, or they do not reach each other
  public static PackedTrees forAllGather(CapacityGraph graph, int most) {
    double[] shares = new double[graph.ranks()];
    Arrays.fill(shares, 1.0 / graph.ranks());
    return oneWay(graph, shares, most);
  }

  /// Packs trees for a broadcast: one rank is the root of all.
  ///
  /// @param root that rank
  /// @param most how many trees there may be
  /// @throws IllegalArgumentException as for [#forAllGather]
  public static PackedTrees forBroadcast(CapacityGraph graph, int root, int most) {
    double[] shares = new double[graph.ranks()];
    shares[root] = 1;
    return oneWay(graph, shares, most);
  }

  /// Packs trees for a reduce-scatter: those of an all-gather with every link turned round.
  ///
  /// @param most as for [#forAllGather]
  /// @throws IllegalArgumentException as for [#forAllGather]
  public static PackedTrees forReduceScatter(CapacityGraph graph, int most) {
    PackedTrees turned = forAllGather(graph.reversed(), most);
    List<Tree> trees =
        turned.trees().stream()
            .map(tree -> new Tree(tree.root(), tree.weight(), tree.down(), new int[0]))
            .toList();
    return new PackedTrees(
        turned.ranks(),
        trees,
        turned.secondsPerByte(),
        turned.boundSecondsPerByte(),
        turned.load()); // the reversed graph keeps the order of the edges
  }

  /// Packs trees for an all-reduce: to each root and back from it, roots with any share.
  ///
  /// @param most how many trees there may be, but at least one for each root
  /// @throws IllegalArgumentException as for [#forAllGather]
  public static PackedTrees forAllReduce(CapacityGraph graph, int most) {
    return forAllReduce(graph, most, TreeShape.CHAINS);
  }

  /// Packs trees of some shape for an all-reduce.
  ///
  /// @param most how many trees there may be, but at least one for each root
  /// @throws IllegalArgumentException as for [#forAllGather]
  public static PackedTrees forAllReduce(CapacityGraph graph, int most, TreeShape shape) {
    requireFew(graph);
    double[] equal = new double[graph.ranks()];
    Arrays.fill(equal, 1.0 / graph.ranks());
    double typical = 2 * new CutSearch(graph).leastTime(equal);
    ShareProgram.Solution best = ShareProgram.ofAllReduce(graph, typical);
    boolean mirrored = best.mirrored();
    double[] shares = cleaned(best.shares());
    List<RoutedTree> down =
        RoutedTree.prune(
            RoutedTree.pack(graph, best.out(), shares, shape), mirrored ? most : most / 2);
    List<RoutedTree> up = down;
    if (!mirrored) {
      CapacityGraph back = graph.reversed(); // keeps the order of the edges
      up = RoutedTree.prune(RoutedTree.pack(back, best.in(), shares, shape), most / 2);
    }
    double[] load = sum(graph, down);
    double[] toRoots = sum(graph, up);
    double[] upward = mirrored ? turned(graph, toRoots) : toRoots;
    for (int e = 0; e < load.length; e++) {
      load[e] += upward[e];
    }
    return new PackedTrees(
        graph.ranks(), joined(up, down), seconds(graph, load), best.bound(), load);
  }

  /// Returns a star from every rank, all with equal shares: what is right for an all-reduce where
  /// each pair of ranks has a link of its own, all alike. No network is looked at, so no times and
  /// loads are known.
  ///
  /// @param ranks at least 2
  public static PackedTrees stars(int ranks) {
    List<Tree> trees = new ArrayList<>();
    for (int root = 0; root < ranks; root++) {
      int[] parents = new int[ranks];
      Arrays.fill(parents, root);
      parents[root] = -1;
      trees.add(new Tree(root, BLOCK, parents, parents));
    }
    return new PackedTrees(ranks, trees, Double.NaN, Double.NaN, new double[0]);
  }

  private static PackedTrees oneWay(CapacityGraph graph, double[] shares, int most) {
    requireFew(graph);
    double bound = new CutSearch(graph).leastTime(shares);
    double[] load = new double[graph.edges().size()];
    for (int e = 0; e < load.length; e++) {
      load[e] = graph.edges().get(e).rate() * bound;
    }
    if (!graph.hasBalancedSwitches()) {
      ShareProgram.Solution solution = ShareProgram.fromRoots(graph, shares, bound);
      bound = solution.time();
      load = solution.out();
    }
    List<RoutedTree> trees =
        RoutedTree.prune(RoutedTree.pack(graph, load, shares, TreeShape.CHAINS), most);
    double[] used = sum(graph, trees);
    return new PackedTrees(graph.ranks(), blocks(trees, shares), seconds(graph, used), bound, used);
  }

  private static void requireFew(CapacityGraph graph) {
    if (graph.ranks() > MOST_RANKS) {
      throw new IllegalArgumentException(
          "packed trees are searched for up to "
              + MOST_RANKS
              + " ranks, the topology has "
              + graph.ranks());
    }
  }

  private static double[] cleaned(double[] shares) {
    double[] result = Arrays.stream(shares).map(x -> x < LEAST_SHARE ? 0 : x).toArray();
    double sum = Arrays.stream(result).sum();
    return Arrays.stream(result).map(x -> x / sum).toArray();
  }

  private static double[] sum(CapacityGraph graph, List<RoutedTree> trees) {
    double[] load = new double[graph.edges().size()];
    for (RoutedTree tree : trees) {
      for (int e = 0; e < load.length; e++) {
        load[e] += tree.load()[e];
      }
    }
    return load;
  }

  /// Returns loads of a graph as those of the graph turned round.
  private static double[] turned(CapacityGraph graph, double[] load) {
    int[] reverse = graph.reverses();
    double[] result = new double[load.length];
    for (int e = 0; e < load.length; e++) {
      result[reverse[e]] = load[e];
    }
    return result;
  }

  private static double seconds(CapacityGraph graph, double[] load) {
    double seconds = 0;
    for (int e = 0; e < load.length; e++) {
      seconds = Math.max(seconds, load[e] / graph.edges().get(e).rate());
    }
    return seconds;
  }

  /// Gives the trees of every root weights that add up to the same.
  private static List<Tree> blocks(List<RoutedTree> trees, double[] shares) {
    List<Tree> result = new ArrayList<>();
    double before = 0;
    for (RoutedTree tree : trees) {
      boolean first = result.isEmpty() || result.getLast().root() != tree.root();
      double start = first ? 0 : before;
      double end = start + tree.weight() / shares[tree.root()];
      long weight = Math.round(end * BLOCK) - Math.round(start * BLOCK);
      result.add(new Tree(tree.root(), weight, new int[0], tree.parent()));
      before = end;
    }
    return result;
  }

  /// Joins trees to each root and from it: each part of the root's share has one of both.
  private static List<Tree> joined(List<RoutedTree> up, List<RoutedTree> down) {
    List<Tree> result = new ArrayList<>();
    int i = 0;
    double used = 0; // of up tree i
    for (RoutedTree tree : down) {
      double left = tree.weight();
      while (left > 1e-9 && i < up.size()) {
        double part = Math.min(left, up.get(i).weight() - used);
        long weight = Math.round(part * UNITS);
        if (weight > 0 && up.get(i).root() == tree.root()) {
          result.add(new Tree(tree.root(), weight, up.get(i).parent(), tree.parent()));
        }
        left -= part;
        used += part;
        if (used >= up.get(i).weight() - 1e-9) {
          used = 0;
          i++;
        }
      }
    }
    return result;
  }
}
