package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Scan and exclusive scan along the chain 0, 1, ..., ranks - 1, each rank adding its own to what
/// arrives and passing the sum on.
///
/// Source: folklore (linear scan), pipelined like [RingReduce]. One lane; `pieces` chunks one after
/// the other. Every rank but the last sends the vector once, so that the time for large vectors
/// tends to that of one send. A scan's fused step passes slices on as they come; an exclusive scan
/// needs what arrived and the sum, so it adds in scratch and passes whole chunks on. The sums are a
/// chain, `((0 + 1) + 2) + 3`, not the [CanonicalTree].
final class RingScan {
  private static final int LANE = 0;

  private RingScan() {}

  static Schedule schedule(Collective collective, int ranks, int rank, int pieces) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(collective, ranks, rank, 0, Partition.even(pieces));
    boolean last = rank == ranks - 1;
    for (int piece = 0; piece < pieces; piece++) {
      Operand own = Operand.input(piece);
      Operand result = Operand.output(piece);
      if (rank == 0) {
        steps.send(LANE, own, 1);
      } else if (collective == Collective.EXCLUSIVE_SCAN) {
        exclusive(steps, rank, piece, last);
      } else if (last) {
        steps.recvReduce(LANE, own, result, rank - 1);
      } else {
        steps.recvReduceForward(LANE, own, result, rank - 1, rank + 1);
      }
    }
    if (rank == 0 && collective == Collective.SCAN) {
      for (int piece = 0; piece < pieces; piece++) { // last: the chain waits for the sends only
        steps.copy(LANE, Operand.input(piece), Operand.output(piece));
      }
    }
    return steps.build();
  }

  private static void exclusive(ProgramOrderBuilder steps, int rank, int piece, boolean last) {
    Operand sum = Operand.scratch(piece);
    if (!last) {
      steps.copy(LANE, Operand.input(piece), sum);
    }
    steps.recv(LANE, Operand.output(piece), rank - 1);
    if (!last) {
      steps.reduce(LANE, Operand.output(piece), sum);
      steps.send(LANE, sum, rank + 1);
    }
  }
}
