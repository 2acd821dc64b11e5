package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Broadcast down a [BinomialTree] whose ranks are counted from the root.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on broadcast (binomial tree), here pipelined over `pieces`
/// chunks.
///
/// One lane. ceil(log2 n) hops; the root sends the vector ceil(log2 n) times, a rank without
/// children never. Example, 4 ranks, root 1: rank 1 sends to 3 and 2, rank 3 forwards to 0.
final class BinomialTreeBroadcast {
  private static final int LANE = 0;

  private BinomialTreeBroadcast() {}

  static Schedule schedule(int ranks, int rank, int root, int pieces) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.BROADCAST, ranks, rank, root, Partition.even(pieces));
    RankTree tree =
        BinomialTree.of(ranks, (rank - root + ranks) % ranks).map(v -> (v + root) % ranks);
    for (int piece = 0; piece < pieces; piece++) {
      Operand source = rank == root ? Operand.input(piece) : Operand.output(piece);
      TreePipeline.broadcastDown(steps, LANE, tree, piece, source);
    }
    if (rank == root) {
      for (int piece = 0; piece < pieces; piece++) { // last: others wait for the sends only
        steps.copy(LANE, Operand.input(piece), Operand.output(piece));
      }
    }
    return steps.build();
  }
}
