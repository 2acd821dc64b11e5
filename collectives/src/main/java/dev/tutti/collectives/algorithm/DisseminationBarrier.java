package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Barrier in ceil(log2 n) rounds: in round k rank r signals r + 2^k and waits for r - 2^k (mod n).
///
/// Source: Hensgen, Finkel, Manber, "Two algorithms for barrier synchronization", International
/// Journal of Parallel Programming 17 (1988).
///
/// Invariant: after round k a rank knows that the 2^(k+1) ranks r, r - 1, ..., r - 2^(k+1) + 1 (mod
/// n) have entered, because each told what it knew after the round before. ceil(log2 n) empty
/// messages per rank.
///
/// One lane, one chunk, empty at run time. All ranks send before they receive, so a channel must
/// hold one message; an empty message needs no more than the one slot that every channel has. Each
/// receive has a scratch copy of its own. Example, rank 1 of 4: send -> 2, recv <- 0; send -> 3,
/// recv <- 3.
final class DisseminationBarrier {
  private static final int LANE = 0;

  private DisseminationBarrier() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.BARRIER, ranks, rank, 0, Partition.even(1));
    for (int round = 0; round < CanonicalTree.levels(ranks); round++) {
      int distance = 1 << round;
      steps.send(LANE, Operand.input(0), (rank + distance) % ranks);
      steps.recv(LANE, Operand.scratch(round), (rank - distance + ranks) % ranks);
    }
    return steps.build();
  }
}
