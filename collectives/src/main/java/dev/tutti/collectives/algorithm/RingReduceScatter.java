package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import java.util.function.IntUnaryOperator;

/// Reduce-scatter on a ring: each chunk travels once around, collecting a contribution at every
/// rank.
///
/// Source: Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
/// JPDC 69 (2009).
///
/// Chunk c starts at rank c + 1 and ends at its owner, rank c. At distance `j = (rank - c - 1) mod
/// ranks` from the start, invariant: what leaves is the sum of INPUT chunk c over ranks c + 1, ...,
/// c + 1 + j (mod ranks), added in that order. So the association is a chain that starts at another
/// rank for every chunk, the canonical tree for two ranks only.
///
/// Lane c carries chunk c. One lane for all chunks would start with a SEND on every rank, and with
/// chunks larger than the slots of a channel each of them would wait for the next rank's SEND to
/// end, for ever. With a lane per chunk, each lane is a path without a cycle, the fused steps pass
/// slices on as they come, and at any time each link carries about one chunk. Sends (n - 1) / n of
/// the vector per rank, the least possible, in n - 1 steps. Example, rank 1 of 4:
///
/// ```
/// lane 0: send in0 -> 2                              starts
/// lane 1: out1 = in1 + recv <- 0                     ends, third hop
/// lane 2: recv <- 0; send in2 + received -> 2        third rank of 3, 0, 1, 2
/// lane 3: recv <- 0; send in3 + received -> 2        second rank of 0, 1, 2, 3
/// ```
final class RingReduceScatter {
  private RingReduceScatter() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.REDUCE_SCATTER, ranks, rank, 0, Partition.even(ranks));
    reduceScatter(steps, Ring.ofRanks(ranks, rank), owner -> owner);
    return steps.build();
  }

  /// Appends the whole reduce-scatter around a ring: the sum of the chunk of each rank ends in its
  /// OUTPUT, in the lane of the chunk's number.
  static void reduceScatter(ProgramOrderBuilder steps, Ring ring, IntUnaryOperator chunkOf) {
    int ranks = ring.size();
    for (int place = 0; place < ranks; place++) {
      int chunk = chunkOf.applyAsInt(ring.order()[place]);
      int distance = ring.distanceFrom((place + 1) % ranks);
      if (distance == 0) {
        steps.send(chunk, Operand.input(chunk), ring.next());
      } else if (distance < ranks - 1) {
        steps.recvReduceSend(chunk, Operand.input(chunk), ring.previous(), ring.next());
      } else {
        steps.recvReduce(chunk, Operand.input(chunk), Operand.output(chunk), ring.previous());
      }
    }
  }
}
