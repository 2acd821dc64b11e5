package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Scatter in one round: the root sends every rank its block.
///
/// Source: folklore (linear scatter). Chunk r is the block of rank r and has a lane of its own:
/// rank r uses lane `(r - root - 1) mod ranks` only. The root sends n - 1 blocks, the least
/// possible, and nothing passes through another rank, so that it works on blocks of any lengths.
/// Example, 3 ranks, root 1: lane 0 goes to rank 2, lane 1 to rank 0.
final class FlatScatter {
  private static final int COPY_LANE = 0;

  private FlatScatter() {}

  static Schedule schedule(int ranks, int rank, int root) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.SCATTER, ranks, rank, root, Partition.even(ranks));
    if (rank != root) {
      steps.recv((rank - root - 1 + ranks) % ranks, Operand.output(rank), root);
      return steps.build();
    }
    for (int lane = 0; lane < ranks - 1; lane++) {
      int peer = (root + 1 + lane) % ranks;
      steps.send(lane, Operand.input(peer), peer);
    }
    steps.copy(COPY_LANE, Operand.input(root), Operand.output(root));
    return steps.build();
  }
}
