package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Barrier in one round: every rank sends an empty message to every other and waits for theirs.
///
/// Source: folklore. Invariant: a rank leaves when it has heard from all others, each of which sent
/// when it entered. n - 1 messages per rank; the chunk is empty at run time. Lane s carries what
/// rank s sends, as in [FlatAllGather]. Example, rank 1 of 4: lane 1 sends to 2, 3, 0; lanes 0, 2
/// and 3 receive one message each.
final class FlatBarrier {
  private FlatBarrier() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.BARRIER, ranks, rank, 0, Partition.even(1));
    for (int distance = 1; distance < ranks; distance++) {
      steps.send(rank, Operand.input(0), (rank + distance) % ranks);
    }
    for (int distance = 1; distance < ranks; distance++) {
      int peer = (rank - distance + ranks) % ranks;
      steps.recv(peer, Operand.scratch(peer), peer);
    }
    return steps.build();
  }
}
