package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-reduce on a ring: [RingReduceScatter], then [RingAllGather] of the finished chunks.
///
/// Source: Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
/// JPDC 69 (2009). Sends 2 (n - 1) / n of the vector per rank, the least possible, in 2 (n - 1)
/// steps, and only to the next rank.
///
/// Lane c carries chunk c on both laps. The owner stores the finished chunk and then sends it
/// instead of doing both at once (RECV_REDUCE_FORWARD): the next rank is the one where the chunk
/// started, and it takes nothing in lane c before its SEND has ended, which for a chunk larger than
/// all slots of the ring would be never if the owner waited for it. For the same reason the lanes
/// are right in place: a rank has read INPUT chunk c before it receives OUTPUT chunk c. The
/// association is that of [RingReduceScatter]. Example, rank 1 of 4:
///
/// ```
/// lane 0: send in0 -> 2;                          out0 = recv <- 0, send on -> 2
/// lane 1: out1 = in1 + recv <- 0;                 send out1 -> 2
/// lane 2: recv <- 0, send in2 + received -> 2;    out2 = recv <- 0
/// lane 3: recv <- 0, send in3 + received -> 2;    out3 = recv <- 0, send on -> 2
/// ```
final class RingAllReduce {
  private RingAllReduce() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(ranks));
    Ring ring = Ring.ofRanks(ranks, rank);
    RingReduceScatter.reduceScatter(steps, ring, owner -> owner);
    steps.send(rank, Operand.output(rank), ring.next());
    RingAllGather.receiveFromOwners(steps, ring, owner -> owner);
    return steps.build();
  }
}
