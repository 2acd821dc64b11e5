package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Broadcast in one round: the root sends its vector to every other rank.
///
/// Source: folklore (linear broadcast). Over shared memory the receivers read the root's buffer all
/// at once, which is why each has its own lane: rank r uses lane `(r - root - 1) mod ranks` only.
///
/// One chunk. The root sends n - 1 vectors, the others none. Example, 4 ranks, root 1: lane 0 goes
/// to rank 2, lane 1 to rank 3, lane 2 to rank 0.
final class FlatBroadcast {
  private FlatBroadcast() {}

  static Schedule schedule(int ranks, int rank, int root) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.BROADCAST, ranks, rank, root, Partition.even(1));
    if (rank != root) {
      steps.recv((rank - root - 1 + ranks) % ranks, Operand.output(0), root);
      return steps.build();
    }
    for (int lane = 0; lane < ranks - 1; lane++) {
      steps.send(lane, Operand.input(0), (root + 1 + lane) % ranks);
    }
    steps.copy(0, Operand.input(0), Operand.output(0));
    return steps.build();
  }
}
