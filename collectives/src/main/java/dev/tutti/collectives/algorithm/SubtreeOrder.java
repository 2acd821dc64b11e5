package dev.tutti.collectives.algorithm;

import java.util.ArrayList;
import java.util.List;

/// The order in which the blocks of a subtree of the [BinomialTree] go up to or down from its root,
/// so that both ends of every edge agree on it.
///
/// Down: the blocks of the largest child's subtree first, because they have the longest way, the
/// own block last. Up: the reverse, the own block first. Ranks are counted from the root of the
/// tree. Example, 8 ranks, subtree of rank 4, down: 7, 6, 5, 4.
final class SubtreeOrder {
  private SubtreeOrder() {}

  /// Returns the blocks of the subtree of `rank` on their way down.
  static List<Integer> down(int ranks, int rank) {
    List<Integer> order = new ArrayList<>();
    List<Integer> children = BinomialTree.of(ranks, rank).children();
    for (int i = children.size() - 1; i >= 0; i--) {
      order.addAll(down(ranks, children.get(i)));
    }
    order.add(rank);
    return order;
  }

  /// Returns the blocks of the subtree of `rank` on their way up.
  static List<Integer> up(int ranks, int rank) {
    return down(ranks, rank).reversed();
  }
}
