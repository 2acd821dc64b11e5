package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-reduce in one round: every rank sends its vector to every other and reduces all of them
/// itself.
///
/// Source: folklore ("all-to-all broadcast" all-reduce; the one-shot all-reduce of shared-memory
/// and NVLink libraries). Best for vectors so small that the number of rounds is all that counts.
///
/// Invariant: scratch copy p of a rank holds the INPUT of rank p, and every rank adds the same
/// contributions along the [CanonicalTree], so all results have the same bits.
///
/// One chunk; one lane per sender: in lane s rank s sends, everyone else receives. Lanes of
/// different senders are independent, so no send waits for a slower pair. Rank s sends to s + 1, s
/// + 2, ... (mod ranks): at any time the receivers differ. Per rank: n - 1 sends of the whole
///   vector, n - 1 receives, n - 1 REDUCEs. Example, rank 1 of 4:
///
/// ```
/// lane 0: recv s0 <- 0
/// lane 1: send in -> 2, 3, 0; out = in; s2 += s3; out += s0; out += s2
/// lane 2: recv s2 <- 2
/// lane 3: recv s3 <- 3
/// ```
final class FlatAllReduce {
  private FlatAllReduce() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(1));
    for (int distance = 1; distance < ranks; distance++) {
      steps.send(rank, Operand.input(0), (rank + distance) % ranks);
    }
    for (int distance = 1; distance < ranks; distance++) {
      int peer = (rank - distance + ranks) % ranks;
      steps.recv(peer, Operand.scratch(peer), peer);
    }
    steps.copy(rank, Operand.input(0), Operand.output(0));
    CanonicalTree.reduceLocally(
        steps, rank, ranks, rank, Operand.output(0), peer -> Operand.scratch(peer));
    return steps.build();
  }
}
