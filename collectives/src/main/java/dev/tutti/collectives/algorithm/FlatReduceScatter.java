package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Reduce-scatter in one round: every rank sends each block to the rank that owns it, and the owner
/// reduces.
///
/// Source: folklore (direct, "owner-sum" reduce-scatter). One chunk per rank, chunk o is the block
/// of owner o, and lane o carries everything about it. Scratch copy p holds the contribution of
/// rank p to the own block; the owner adds along the [CanonicalTree]. Sends n - 1 blocks per rank,
/// the least possible, and reduces n - 1. Owner o receives from o + 1, o + 2, ... (mod ranks), so
/// that at any time the senders differ. Example, rank 1 of 4:
///
/// ```
/// lane 0: send in0 -> 0
/// lane 1: recv s2.1 <- 2; recv s3.1 <- 3; recv s0.1 <- 0
///         out1 = in1; out1 += s0.1; s2.1 += s3.1; out1 += s2.1
/// lane 2: send in2 -> 2
/// lane 3: send in3 -> 3
/// ```
final class FlatReduceScatter {
  private FlatReduceScatter() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.REDUCE_SCATTER, ranks, rank, 0, Partition.even(ranks));
    reduceToOwners(steps, ranks, rank);
    return steps.build();
  }

  /// Appends the whole reduce-scatter: chunk o of the sum ends in OUTPUT of rank o, in lane o.
  static void reduceToOwners(ProgramOrderBuilder steps, int ranks, int rank) {
    for (int distance = 1; distance < ranks; distance++) {
      int owner = (rank - distance + ranks) % ranks;
      steps.send(owner, Operand.input(owner), owner);
    }
    for (int distance = 1; distance < ranks; distance++) {
      int peer = (rank + distance) % ranks;
      steps.recv(rank, contribution(peer, ranks, rank), peer);
    }
    steps.copy(rank, Operand.input(rank), Operand.output(rank));
    CanonicalTree.reduceLocally(
        steps, rank, ranks, rank, Operand.output(rank), peer -> contribution(peer, ranks, rank));
  }

  /// Returns chunk `rank` of scratch copy `peer`: index `peer * ranks + rank`, 9 for rank 1 of 4
  /// and peer 2.
  private static Operand contribution(int peer, int ranks, int rank) {
    return Operand.scratch(peer * ranks + rank);
  }
}
