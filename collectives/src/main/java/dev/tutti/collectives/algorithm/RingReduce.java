package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Reduce along a chain that ends at the root: root + 1, root + 2, ..., root (mod ranks), each rank
/// adding its own to what arrives and passing the sum on.
///
/// Source: Worringen, "Pipelining and overlapping for MPI collective operations", LCN 2003; the
/// reduce of NCCL. One lane; `pieces` chunks one after the other. The fused step passes slices on
/// as they come, so the time for large vectors tends to that of one send whatever the number of
/// ranks. Every rank but the root sends the vector once; no scratch. The sums are a chain, not the
/// [CanonicalTree]. Example, 4 ranks, root 1: rank 2 sends, ranks 3 and 0 add and send, rank 1
/// adds.
final class RingReduce {
  private static final int LANE = 0;

  private RingReduce() {}

  static Schedule schedule(int ranks, int rank, int root, int pieces) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.REDUCE, ranks, rank, root, Partition.even(pieces));
    int distance = (rank - root - 1 + ranks) % ranks;
    int next = (rank + 1) % ranks;
    int prev = (rank - 1 + ranks) % ranks;
    for (int piece = 0; piece < pieces; piece++) {
      Operand own = Operand.input(piece);
      if (distance == 0) {
        steps.send(LANE, own, next);
      } else if (rank == root) {
        steps.recvReduce(LANE, own, Operand.output(piece), prev);
      } else {
        steps.recvReduceSend(LANE, own, prev, next);
      }
    }
    return steps.build();
  }
}
