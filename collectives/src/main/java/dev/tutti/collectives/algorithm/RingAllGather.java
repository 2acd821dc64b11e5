package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import java.util.function.IntUnaryOperator;

/// All-gather on a ring: each block travels once around and is kept by every rank.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on all-gather.
///
/// Chunk c starts at rank c; at distance `d = (rank - c) mod ranks` the rank receives it into
/// OUTPUT and, unless it is the last (d = ranks - 1), passes it on slice by slice. Lane c carries
/// chunk c, see [RingReduceScatter] for why. Sends (n - 1) / n of the receive buffer per rank, the
/// least possible, in n - 1 steps. Example, rank 1 of 4:
///
/// ```
/// lane 0: out0 = recv <- 0; send on -> 2
/// lane 1: send in1 -> 2; out1 = in1
/// lane 2: out2 = recv <- 0                           last of 2, 3, 0, 1
/// lane 3: out3 = recv <- 0; send on -> 2
/// ```
final class RingAllGather {
  private RingAllGather() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_GATHER, ranks, rank, 0, Partition.even(ranks));
    steps.send(rank, Operand.input(rank), (rank + 1) % ranks);
    steps.copy(rank, Operand.input(rank), Operand.output(rank));
    receiveFromOwners(steps, Ring.ofRanks(ranks, rank), owner -> owner);
    return steps.build();
  }

  /// Appends what a rank does with the chunks of others, in the lane of the chunk's number; the
  /// owner of each chunk sends it to the next rank.
  static void receiveFromOwners(ProgramOrderBuilder steps, Ring ring, IntUnaryOperator chunkOf) {
    int ranks = ring.size();
    for (int place = 0; place < ranks; place++) {
      int chunk = chunkOf.applyAsInt(ring.order()[place]);
      int distance = ring.distanceFrom(place);
      if (distance == ranks - 1) {
        steps.recv(chunk, Operand.output(chunk), ring.previous());
      } else if (distance > 0) {
        steps.recvForward(chunk, Operand.output(chunk), ring.previous(), ring.next());
      }
    }
  }
}
