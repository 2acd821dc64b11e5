package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Scan and exclusive scan in ceil(log2 n) rounds: in round k a rank meets its partner in the
/// neighbouring group of 2^k ranks.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), the recursive doubling of its scan, without the messages that nobody
/// needs. The upper partner adds the sum of the lower group to its result; both add up the sum of
/// the joined group where ranks above it will ask for that. Groups that are asked for are full, so
/// this holds for any n, and every result is the [CanonicalTree] of the ranks that it covers, since
/// each round prepends a whole left subtree.
///
/// One chunk; lane 0 carries messages to higher ranks, lane 1 to lower ones. Scratch copy 0 holds
/// the sum of the own group, copy 1 what arrives. Example, 6 ranks, rank 5: adds 4, then (rounds 1:
/// none) 0 to 3: (0 1) (2 3) + (4 5).
final class RecursiveDoublingScan {
  private static final int UP = 0;
  private static final int DOWN = 1;
  private static final Operand GROUP_SUM = Operand.scratch(0);
  private static final Operand ARRIVED = Operand.scratch(1);

  private RecursiveDoublingScan() {}

  static Schedule schedule(Collective collective, int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(collective, ranks, rank, 0, Partition.even(1));
    boolean inclusive = collective == Collective.SCAN;
    steps.copy(UP, Operand.input(0), GROUP_SUM);
    if (inclusive) {
      steps.copy(UP, Operand.input(0), Operand.output(0));
    }
    boolean holds = inclusive; // whether OUTPUT holds a sum already
    for (int bit = 1; bit < ranks; bit <<= 1) {
      int partner = rank ^ bit;
      int end = (rank | (2 * bit - 1)) + 1; // of the joined group
      boolean isAskedFor = end < ranks;
      if (partner > rank) {
        if (partner < ranks) {
          steps.send(UP, GROUP_SUM, partner);
          if (isAskedFor) {
            steps.recv(DOWN, ARRIVED, partner);
            steps.reduce(DOWN, ARRIVED, GROUP_SUM);
          }
        }
        continue;
      }
      if (isAskedFor) {
        steps.send(DOWN, GROUP_SUM, partner);
      }
      steps.recv(UP, ARRIVED, partner);
      if (isAskedFor) {
        steps.reduce(UP, ARRIVED, GROUP_SUM);
      }
      if (holds) {
        steps.reduce(UP, ARRIVED, Operand.output(0));
      } else {
        steps.copy(UP, ARRIVED, Operand.output(0));
        holds = true;
      }
    }
    return steps.build();
  }
}
