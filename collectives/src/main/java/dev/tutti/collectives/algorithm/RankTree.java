package dev.tutti.collectives.algorithm;

import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// The place of one rank in a rooted tree of ranks.
///
/// @param parent the parent, or [#NONE] for the root
/// @param children the children in the order in which their contributions are added
record RankTree(int parent, List<Integer> children) {

  /// The parent of a root.
  static final int NONE = -1;

  /// Copies the list.
  RankTree {
    children = List.copyOf(children);
  }

  /// Returns the place of a rank in a tree of any shape; a child below which the tree is deeper
  /// comes later.
  ///
  /// @param parents the parent of each rank, [#NONE] for the root
  static RankTree of(int[] parents, int rank) {
    int[] height = new int[parents.length];
    for (int leaf = 0; leaf < parents.length; leaf++) {
      int above = 0;
      for (int r = leaf; r != NONE && above >= height[r]; r = parents[r]) {
        height[r] = above++;
      }
    }
    List<Integer> children =
        IntStream.range(0, parents.length)
            .filter(r -> parents[r] == rank)
            .boxed()
            .sorted(Comparator.comparingInt(r -> height[r]))
            .toList();
    return new RankTree(parents[rank], children);
  }

  /// Returns this place with all ranks renamed.
  RankTree map(IntUnaryOperator name) {
    return new RankTree(
        parent == NONE ? NONE : name.applyAsInt(parent),
        children.stream().map(name::applyAsInt).toList());
  }

  boolean isRoot() {
    return parent == NONE;
  }
}
