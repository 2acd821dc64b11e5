package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import java.util.ArrayList;
import java.util.List;

/// Reduce up a binomial tree whose sums are the [CanonicalTree] for any root.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on reduce (binomial tree), pipelined over `pieces` chunks by
/// [TreePipeline]. Counting the ranks from the root, as usual, would make the order of additions
/// depend on it. Instead the tree is that of the chunk of owner `root` in [OwnerTrees]: where a
/// level joins two groups, the one of their two representatives that does not represent the joined
/// group sends its sum to the other, and the root represents every group that it is in.
///
/// One lane. ceil(log2 n) hops at most, n - 1 vectors in all; the root receives ceil(log2 n).
/// Partial sums of the other ranks are kept in scratch. Example, 5 ranks, root 3: rank 2 sends to 3
/// and 0 to 1; 1 sends to 3; 4 sends to 3.
final class BinomialTreeReduce {
  private static final int LANE = 0;

  private BinomialTreeReduce() {}

  static Schedule schedule(int ranks, int rank, int root, int pieces) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.REDUCE, ranks, rank, root, Partition.even(pieces));
    RankTree tree = tree(ranks, rank, root);
    for (int piece = 0; piece < pieces; piece++) {
      Operand sum = rank == root ? Operand.output(piece) : Operand.scratch(piece);
      TreePipeline.reduceUp(steps, LANE, tree, piece, sum);
    }
    return steps.build();
  }

  /// Returns a rank's place in the tree.
  private static RankTree tree(int ranks, int rank, int root) {
    List<Integer> children = new ArrayList<>();
    for (int level = 0; level < CanonicalTree.levels(ranks); level++) {
      int base = CanonicalTree.base(rank, level + 1);
      int middle = base + (1 << level);
      if (middle >= ranks) {
        continue;
      }
      int left = CanonicalTree.representative(ranks, base, level, root);
      int right = CanonicalTree.representative(ranks, middle, level, root);
      int parent = CanonicalTree.representative(ranks, base, level + 1, root);
      int child = parent == left ? right : left;
      if (rank == child) {
        return new RankTree(parent, children);
      }
      if (rank == parent) {
        children.add(child);
      }
    }
    return new RankTree(RankTree.NONE, children);
  }
}
