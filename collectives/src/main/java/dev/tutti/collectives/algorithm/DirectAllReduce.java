package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-reduce in two rounds: [FlatReduceScatter] to the owner of each chunk, then the owner sends
/// the finished chunk to every other rank as in [FlatAllGather].
///
/// Source: folklore ("two-shot" all-reduce of shared-memory and NVLink libraries; Thakur,
/// Rabenseifner, Gropp 2005, the structure reduce-scatter + all-gather). Sends 2 (n - 1) / n of the
/// vector per rank, the least possible, in 2 rounds, over n (n - 1) connections.
///
/// Chunk o is owned by rank o and lives in lane o: a rank sends its INPUT chunk o before it
/// receives OUTPUT chunk o in the same lane, which is what makes it right in place. The owner adds
/// along the [CanonicalTree]. Example, rank 1 of 4:
///
/// ```
/// lane 0: send in0 -> 0; recv out0 <- 0
/// lane 1: recv s2.1 <- 2; recv s3.1 <- 3; recv s0.1 <- 0
///         out1 = in1; out1 += s0.1; s2.1 += s3.1; out1 += s2.1; send out1 -> 2, 3, 0
/// lane 2: send in2 -> 2; recv out2 <- 2
/// lane 3: send in3 -> 3; recv out3 <- 3
/// ```
final class DirectAllReduce {
  private DirectAllReduce() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(ranks));
    FlatReduceScatter.reduceToOwners(steps, ranks, rank);
    for (int distance = 1; distance < ranks; distance++) {
      steps.send(rank, Operand.output(rank), (rank + distance) % ranks);
    }
    for (int distance = 1; distance < ranks; distance++) {
      int owner = (rank - distance + ranks) % ranks;
      steps.recv(owner, Operand.output(owner), owner);
    }
    return steps.build();
  }
}
