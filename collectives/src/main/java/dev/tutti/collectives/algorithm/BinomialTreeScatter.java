package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Scatter down a [BinomialTree] whose ranks are counted from the root.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on scatter (binomial tree). Chunk r is the block of rank r;
/// each block is a message of its own, in the order of [SubtreeOrder], and is forwarded slice by
/// slice.
///
/// One lane. ceil(log2 n) hops; the root talks to ceil(log2 n) ranks only, and sends n - 1 blocks.
/// Example, 4 ranks, root 0: rank 0 sends the blocks of 3 and 2 to rank 2, which passes on that of
/// 3, and that of 1 to rank 1.
final class BinomialTreeScatter {
  private static final int LANE = 0;

  private BinomialTreeScatter() {}

  static Schedule schedule(int ranks, int rank, int root) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.SCATTER, ranks, rank, root, Partition.even(ranks));
    int id = (rank - root + ranks) % ranks;
    RankTree tree = BinomialTree.of(ranks, id);
    int parent = (tree.parent() + root) % ranks;
    for (int i = tree.children().size() - 1; i >= 0; i--) {
      int to = (tree.children().get(i) + root) % ranks;
      for (int block : SubtreeOrder.down(ranks, tree.children().get(i))) {
        int chunk = (block + root) % ranks;
        if (tree.isRoot()) {
          steps.send(LANE, Operand.input(chunk), to);
        } else {
          steps.recvForward(LANE, Operand.scratch(chunk), parent, to);
        }
      }
    }
    if (tree.isRoot()) {
      steps.copy(LANE, Operand.input(rank), Operand.output(rank));
    } else {
      steps.recv(LANE, Operand.output(rank), parent);
    }
    return steps.build();
  }
}
