package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Gather up a [BinomialTree] whose ranks are counted from the root.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on gather (binomial tree). Chunk r is the block of rank r;
/// each block is a message of its own, in the order of [SubtreeOrder], and is forwarded slice by
/// slice.
///
/// One lane. ceil(log2 n) hops; the root hears from ceil(log2 n) ranks only, and receives n - 1
/// blocks. Example, 4 ranks, root 0: rank 3 sends its block to 2, which sends its own, then passes
/// on that of 3; rank 1 sends its own.
final class BinomialTreeGather {
  private static final int LANE = 0;

  private BinomialTreeGather() {}

  static Schedule schedule(int ranks, int rank, int root) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.GATHER, ranks, rank, root, Partition.even(ranks));
    int id = (rank - root + ranks) % ranks;
    RankTree tree = BinomialTree.of(ranks, id);
    int parent = (tree.parent() + root) % ranks;
    if (tree.isRoot()) {
      steps.copy(LANE, Operand.input(rank), Operand.output(rank));
    } else {
      steps.send(LANE, Operand.input(rank), parent);
    }
    for (int child : tree.children()) {
      int from = (child + root) % ranks;
      for (int block : SubtreeOrder.up(ranks, child)) {
        int chunk = (block + root) % ranks;
        if (tree.isRoot()) {
          steps.recv(LANE, Operand.output(chunk), from);
        } else {
          steps.recvForward(LANE, Operand.scratch(chunk), from, parent);
        }
      }
    }
    return steps.build();
  }
}
