package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-gather in one round: every rank sends its block to every other.
///
/// Source: folklore (direct, "spread-out" all-gather). One chunk per rank, chunk r is the block of
/// rank r, and lane r carries it: rank r sends it to r + 1, r + 2, ... (mod ranks), everyone else
/// receives it straight into OUTPUT. Sends n - 1 blocks per rank, the least possible. Example, rank
/// 1 of 4:
///
/// ```
/// lane 0: recv out0 <- 0
/// lane 1: send in1 -> 2, 3, 0; out1 = in1
/// lane 2: recv out2 <- 2
/// lane 3: recv out3 <- 3
/// ```
final class FlatAllGather {
  private FlatAllGather() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_GATHER, ranks, rank, 0, Partition.even(ranks));
    for (int distance = 1; distance < ranks; distance++) {
      steps.send(rank, Operand.input(rank), (rank + distance) % ranks);
    }
    steps.copy(rank, Operand.input(rank), Operand.output(rank));
    for (int distance = 1; distance < ranks; distance++) {
      int peer = (rank - distance + ranks) % ranks;
      steps.recv(peer, Operand.output(peer), peer);
    }
    return steps.build();
  }
}
