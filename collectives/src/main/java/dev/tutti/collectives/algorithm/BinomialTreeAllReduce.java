package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-reduce as a reduction up and a broadcast down the [BinomialTree] rooted at rank 0.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on reduce (binomial tree), pipelined over `pieces` chunks by
/// [TreePipeline].
///
/// The sum is the [CanonicalTree] for every n. 2 ceil(log2 n) hops; all ranks together send 2 (n -
/// 1) vectors, rank 0 ceil(log2 n) of them. Lane 0 goes up, lane 1 down. Example, 4 ranks, one
///    piece, rank 2:
///
/// ```
/// lane 0: recv <- 3; send in + received -> 0
/// lane 1: out = recv <- 0; send on -> 3
/// ```
final class BinomialTreeAllReduce {
  private static final int UP = 0;
  private static final int DOWN = 1;

  private BinomialTreeAllReduce() {}

  static Schedule schedule(int ranks, int rank, int pieces) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(pieces));
    RankTree tree = BinomialTree.of(ranks, rank);
    for (int piece = 0; piece < pieces; piece++) {
      TreePipeline.reduceUp(steps, UP, tree, piece);
      TreePipeline.broadcastDown(steps, DOWN, tree, piece, Operand.output(piece));
    }
    return steps.build();
  }
}
