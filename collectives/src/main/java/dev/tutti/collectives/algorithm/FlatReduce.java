package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Reduce in one round: every rank sends its vector to the root, which adds them up.
///
/// Source: folklore (linear reduce). One chunk; lane `(r - root - 1) mod ranks` carries what rank r
/// sends, so that the root takes whatever comes first. It keeps the vectors in scratch and adds
/// along the [CanonicalTree]. The root receives n - 1 vectors. Example, 3 ranks, root 1:
///
/// ```
/// rank 1, lane 0: recv s2 <- 2; out = in; out += s0 after 1.0; out += s2
/// rank 1, lane 1: recv s0 <- 0
/// ranks 2 and 0: send in -> 1, in lanes 0 and 1
/// ```
final class FlatReduce {
  private static final int SUM_LANE = 0;

  private FlatReduce() {}

  static Schedule schedule(int ranks, int rank, int root) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.REDUCE, ranks, rank, root, Partition.even(1));
    if (rank != root) {
      steps.send((rank - root - 1 + ranks) % ranks, Operand.input(0), root);
      return steps.build();
    }
    for (int lane = 0; lane < ranks - 1; lane++) {
      int peer = (root + 1 + lane) % ranks;
      steps.recv(lane, Operand.scratch(peer), peer);
    }
    steps.copy(SUM_LANE, Operand.input(0), Operand.output(0));
    CanonicalTree.reduceLocally(steps, SUM_LANE, ranks, root, Operand.output(0), Operand::scratch);
    return steps.build();
  }
}
