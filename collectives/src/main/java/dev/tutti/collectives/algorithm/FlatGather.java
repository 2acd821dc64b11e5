package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Gather in one round: every rank sends its block to the root.
///
/// Source: folklore (linear gather). Chunk r is the block of rank r and has a lane of its own, so
/// that the root takes whatever comes first: rank r uses lane `(r - root - 1) mod ranks` only. The
/// root receives n - 1 blocks, the least possible, and nothing passes through another rank, so that
/// it works on blocks of any lengths. Example, 3 ranks, root 1: lane 0 comes from rank 2, lane 1
/// from rank 0.
final class FlatGather {
  private static final int COPY_LANE = 0;

  private FlatGather() {}

  static Schedule schedule(int ranks, int rank, int root) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.GATHER, ranks, rank, root, Partition.even(ranks));
    if (rank != root) {
      steps.send((rank - root - 1 + ranks) % ranks, Operand.input(rank), root);
      return steps.build();
    }
    steps.copy(COPY_LANE, Operand.input(root), Operand.output(root));
    for (int lane = 0; lane < ranks - 1; lane++) {
      int peer = (root + 1 + lane) % ranks;
      steps.recv(lane, Operand.output(peer), peer);
    }
    return steps.build();
  }
}
