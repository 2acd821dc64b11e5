package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-to-all in one round: every rank sends each block straight to the rank that it is for.
///
/// Source: folklore (linear all-to-all). Chunk `s * ranks + d` is the block from s to d. Lane d
/// carries what goes to rank d, which takes the blocks of d + 1, d + 2, ... (mod ranks) in turn;
/// all sends of a rank may go at once. Sends n - 1 blocks per rank, the least possible, and nothing
/// passes through another rank, so that it works on blocks of any lengths. Example, rank 1 of 3:
///
/// ```
/// lane 0: send in3 -> 0
/// lane 1: out4 = in4; out7 = recv <- 2; out1 = recv <- 0
/// lane 2: send in5 -> 2
/// ```
final class FlatAllToAll {
  private FlatAllToAll() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_TO_ALL, ranks, rank, 0, Partition.even(ranks * ranks));
    int own = rank * ranks + rank;
    for (int distance = 1; distance < ranks; distance++) {
      int to = (rank - distance + ranks) % ranks;
      steps.send(to, Operand.input(rank * ranks + to), to);
    }
    steps.copy(rank, Operand.input(own), Operand.output(own));
    for (int distance = 1; distance < ranks; distance++) {
      int from = (rank + distance) % ranks;
      steps.recv(rank, Operand.output(from * ranks + rank), from);
    }
    return steps.build();
  }
}
