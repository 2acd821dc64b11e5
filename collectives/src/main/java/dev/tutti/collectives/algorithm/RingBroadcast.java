package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Broadcast along a chain: root, root + 1, ... (mod ranks), each rank passing on what arrives.
///
/// Source: Worringen, "Pipelining and overlapping for MPI collective operations", LCN 2003; the
/// ring broadcast of NCCL. One lane; `pieces` chunks one after the other. The forwarding step
/// passes slices on as they come, so the chain is a pipeline even with one piece, and the time for
/// large vectors tends to that of one send whatever the number of ranks. Every rank but the last
/// sends the vector once. Example, 4 ranks, root 2, chain 2, 3, 0, 1: rank 2 sends, ranks 3 and 0
/// receive and forward, rank 1 receives.
final class RingBroadcast {
  private static final int LANE = 0;

  private RingBroadcast() {}

  static Schedule schedule(int ranks, int rank, int root, int pieces) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.BROADCAST, ranks, rank, root, Partition.even(pieces));
    int distance = (rank - root + ranks) % ranks;
    int next = (rank + 1) % ranks;
    int prev = (rank - 1 + ranks) % ranks;
    for (int piece = 0; piece < pieces; piece++) {
      if (distance == 0) {
        steps.send(LANE, Operand.input(piece), next);
      } else if (distance < ranks - 1) {
        steps.recvForward(LANE, Operand.output(piece), prev, next);
      } else {
        steps.recv(LANE, Operand.output(piece), prev);
      }
    }
    if (distance == 0) {
      for (int piece = 0; piece < pieces; piece++) { // last: the chain waits for the sends only
        steps.copy(LANE, Operand.input(piece), Operand.output(piece));
      }
    }
    return steps.build();
  }
}
