package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleBuilder;

/// All-to-all in n - 1 rounds, in each of which every rank sends one block and receives one: in
/// round t to the rank t above and from the rank t below (mod ranks).
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on all-to-all (pairwise exchange), with cyclic distances,
/// which take n - 1 rounds for any n.
///
/// Chunk `s * ranks + d` is the block from s to d, lane s carries what rank s sends. A rank begins
/// a round when both its messages of the round before are through, so no port ever has more than
/// one message each way: where many senders at one receiver slow each other down, this is faster
/// than [FlatAllToAll]. Sends n - 1 blocks per rank, the least possible; works on blocks of any
/// lengths. Example, rank 1 of 3:
///
/// ```
/// lane 0: out1 = recv <- 0
/// lane 1: out4 = in4; send in5 -> 2; send in3 -> 0 after 0.0
/// lane 2: out7 = recv <- 2 after 1.1 and 0.0
/// ```
final class PairwiseAllToAll {
  private PairwiseAllToAll() {}

  static Schedule schedule(int ranks, int rank) {
    ScheduleBuilder steps =
        new ScheduleBuilder(Collective.ALL_TO_ALL, ranks, rank, 0, Partition.even(ranks * ranks));
    int own = rank * ranks + rank;
    steps.copy(rank, Operand.input(own), Operand.output(own));
    Dependency[] lastReceived = {};
    Dependency[] lastBoth = {};
    for (int round = 1; round < ranks; round++) {
      int to = (rank + round) % ranks;
      int from = (rank - round + ranks) % ranks;
      Dependency sent = steps.send(rank, Operand.input(rank * ranks + to), to, lastReceived);
      Dependency received = steps.recv(from, Operand.output(from * ranks + rank), from, lastBoth);
      lastReceived = new Dependency[] {received};
      lastBoth = new Dependency[] {sent, received};
    }
    return steps.build();
  }
}
