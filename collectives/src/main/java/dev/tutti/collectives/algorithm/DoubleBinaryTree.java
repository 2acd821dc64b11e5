package dev.tutti.collectives.algorithm;

import java.util.ArrayList;
import java.util.List;

/// Two binary trees over the same ranks in which (almost) every rank is a leaf of one.
///
/// Source: Sanders, Speck, Träff, "Two-tree algorithms for full bandwidth broadcast, reduction and
/// scan", Parallel Computing 35 (2009): in-order numbered trees, the second one mirrored or
/// shifted; the layout with rank 0 above the in-order tree is that of NCCL, `src/graph/trees.cc`.
///
/// The *base tree* over n >= 2 ranks: rank 0 is the root and has one child, the top of the ranks
/// `[1, n)`. The top of a range of ranks is the one with the most trailing zero bits; its children
/// are the tops of the ranges left and right of it. A range of more than one rank contains an even
/// one, so every odd rank is a leaf; every even rank is inner, except perhaps the last.
///
/// Example, 4 ranks: 0 - 2, 2 - {1, 3}. 6 ranks: 0 - 4, 4 - {2, 5}, 2 - {1, 3}.
final class DoubleBinaryTree {
  /// Number of trees.
  static final int TREES = 2;

  private DoubleBinaryTree() {}

  /// Returns the place of a rank in the base tree, found by descending from its root.
  static RankTree base(int ranks, int rank) {
    int first = 1;
    int last = ranks - 1;
    int node = top(first, last);
    if (rank == 0) {
      return new RankTree(RankTree.NONE, List.of(node));
    }
    int parent = 0;
    while (node != rank) {
      parent = node;
      if (rank < node) {
        last = node - 1;
      } else {
        first = node + 1;
      }
      node = top(first, last);
    }
    List<Integer> children = new ArrayList<>();
    if (first < node) {
      children.add(top(first, node - 1));
    }
    if (node < last) {
      children.add(top(node + 1, last));
    }
    return new RankTree(parent, children);
  }

  /// Returns the rank of `[first, last]` with the most trailing zeros: `last` with all bits cleared
  /// below the highest in which it differs from `first - 1`. Example: 4 for [1, 5], 12 for [9, 13].
  private static int top(int first, int last) {
    return last & -Integer.highestOneBit((first - 1) ^ last);
  }

  /// Returns the place of a rank in tree 0 or 1 for a reduction, where the two roots may differ.
  ///
  /// Tree 1 is the base tree mirrored (r to n - 1 - r, n even) or shifted by one (n odd), which
  /// swaps odd and even, that is, leaves and inner ranks; for odd n rank 0 (the root of tree 0 with
  /// its one child) is the only one that may be inner in both. Example, 4 ranks, tree 1: 3 - 1, 1 -
  /// {2, 0}.
  static RankTree ofReduction(int tree, int ranks, int rank) {
    if (tree == 0) {
      return base(ranks, rank);
    }
    if (ranks % 2 == 0) {
      return base(ranks, ranks - 1 - rank).map(v -> ranks - 1 - v);
    }
    return base(ranks, (rank - 1 + ranks) % ranks).map(v -> (v + 1) % ranks);
  }

  /// Returns the place of a rank in tree 0 or 1 for a broadcast, where both trees hang below the
  /// root.
  ///
  /// Ranks are counted from the root, v = (rank - root) mod n. Tree 1 keeps v = 0 and mirrors (v to
  /// n - v, n odd) or shifts (v to v + 1, n - 1 to 1, n even) the others, which swaps odd and even
  /// v. Example, 4 ranks, root 0, tree 1: 0 - 3, 3 - {2, 1}.
  static RankTree ofBroadcast(int tree, int ranks, int rank, int root) {
    int v = (rank - root + ranks) % ranks;
    RankTree place;
    if (tree == 0 || v == 0) {
      place = base(ranks, v);
    } else if (ranks % 2 == 1) {
      place = base(ranks, ranks - v);
    } else {
      place = base(ranks, v == 1 ? ranks - 1 : v - 1);
    }
    return place.map(u -> ((tree == 0 ? u : secondName(u, ranks)) + root) % ranks);
  }

  private static int secondName(int baseRank, int ranks) {
    if (baseRank == 0) {
      return 0;
    }
    return ranks % 2 == 1 ? ranks - baseRank : baseRank % (ranks - 1) + 1;
  }
}
