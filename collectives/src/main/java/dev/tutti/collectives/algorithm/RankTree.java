package dev.tutti.collectives.algorithm;

import java.util.List;
import java.util.function.IntUnaryOperator;

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
