package dev.tutti.collectives.algorithm;

import java.util.ArrayList;
import java.util.List;

/// The binomial tree rooted at rank 0, whose in-order additions are the [CanonicalTree].
///
/// The parent of r clears its lowest set bit; its children set one bit below that, in ascending
/// order, as far as they exist. The child `r + 2^k` brings the sum of the level-k group right of
/// the group of r, so adding the children in this order realises the canonical tree for every n.
/// Example, 4 ranks: 0 has children 1 and 2, 2 has child 3.
final class BinomialTree {
  private BinomialTree() {}

  static RankTree of(int ranks, int rank) {
    List<Integer> children = new ArrayList<>();
    for (int bit = 1; (rank & bit) == 0 && rank + bit < ranks; bit <<= 1) {
      children.add(rank + bit);
    }
    return new RankTree(rank == 0 ? RankTree.NONE : rank & (rank - 1), children);
  }
}
