package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-reduce on two binary trees at once, each carrying one half of the vector up and down.
///
/// Source: Sanders, Speck, Träff, Parallel Computing 35 (2009); the trees are those of
/// [DoubleBinaryTree], pipelined by [TreePipeline]. A single binary tree leaves its leaves idle
/// half of the time; here a leaf of one tree is an inner rank of the other, so every rank sends and
/// receives about 2 vectors in about 2 log2(n) hops, whatever the vector's length.
///
/// Chunks `[0, pieces)` belong to tree 0, `[pieces, 2 pieces)` to tree 1. Tree t uses lanes 2t (up)
/// and 2t + 1 (down). All ranks together send 2 (n - 1) vectors, no rank more than 2. The additions
/// follow each tree, which is not the canonical tree beyond two ranks; all ranks still get the same
/// bits. Example, 4 ranks, one piece, rank 2 (inner in tree 0, a leaf of rank 1 in tree 1):
///
/// ```
/// lane 0: out0 = in0 + recv <- 1; recv <- 3, send out0 + received -> 0
/// lane 1: out0 = recv <- 0, send on -> 3; send out0 -> 1
/// lane 2: send in1 -> 1
/// lane 3: out1 = recv <- 1
/// ```
final class DoubleBinaryTreeAllReduce {
  private DoubleBinaryTreeAllReduce() {}

  static Schedule schedule(int ranks, int rank, int pieces) {
    Partition halves = Partition.even(DoubleBinaryTree.TREES * pieces);
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, halves);
    for (int tree = 0; tree < DoubleBinaryTree.TREES; tree++) {
      RankTree place = DoubleBinaryTree.ofReduction(tree, ranks, rank);
      for (int chunk = tree * pieces; chunk < (tree + 1) * pieces; chunk++) {
        TreePipeline.reduceUp(steps, 2 * tree, place, chunk);
        TreePipeline.broadcastDown(steps, 2 * tree + 1, place, chunk, Operand.output(chunk));
      }
    }
    return steps.build();
  }
}
