package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Broadcast down two binary trees at once, each carrying one half of the vector.
///
/// Source: Sanders, Speck, Träff, Parallel Computing 35 (2009); the trees are those of
/// [DoubleBinaryTree], both below the root, pipelined by [TreePipeline].
///
/// Chunks `[0, pieces)` go down tree 0 in lane 0, `[pieces, 2 pieces)` down tree 1 in lane 1. About
/// log2(n) + 1 hops; no rank sends more than one vector (the root: half a vector into each tree).
/// Example, 4 ranks, root 0, one piece: tree 0 is 0 - 2, 2 - {1, 3}; tree 1 is 0 - 3, 3 - {2, 1}.
final class DoubleBinaryTreeBroadcast {
  private DoubleBinaryTreeBroadcast() {}

  static Schedule schedule(int ranks, int rank, int root, int pieces) {
    Partition halves = Partition.even(DoubleBinaryTree.TREES * pieces);
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.BROADCAST, ranks, rank, root, halves);
    for (int tree = 0; tree < DoubleBinaryTree.TREES; tree++) {
      RankTree place = DoubleBinaryTree.ofBroadcast(tree, ranks, rank, root);
      for (int chunk = tree * pieces; chunk < (tree + 1) * pieces; chunk++) {
        Operand source = rank == root ? Operand.input(chunk) : Operand.output(chunk);
        TreePipeline.broadcastDown(steps, tree, place, chunk, source);
      }
    }
    if (rank == root) {
      for (int chunk = 0; chunk < DoubleBinaryTree.TREES * pieces; chunk++) {
        steps.copy(chunk / pieces, Operand.input(chunk), Operand.output(chunk));
      }
    }
    return steps.build();
  }
}
