package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Scan and exclusive scan in one round: every rank sends its vector to all ranks above, and each
/// adds up what it gets.
///
/// Source: folklore (linear scan). One chunk; lane d carries what goes to rank d. Contributions are
/// kept in scratch, copy p that of rank p, and added along the [CanonicalTree] of the ranks that
/// the result covers. Rank r sends n - 1 - r vectors and receives r. Example, 3 ranks, scan: rank 0
/// sends to 1 and 2, rank 1 to 2; rank 2 computes (0 + 1) + 2.
final class FlatScan {
  private FlatScan() {}

  static Schedule schedule(Collective collective, int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(collective, ranks, rank, 0, Partition.even(1));
    for (int to = rank + 1; to < ranks; to++) {
      steps.send(to, Operand.input(0), to);
    }
    boolean inclusive = collective == Collective.SCAN;
    int first = inclusive ? 0 : 1; // exclusive: that of rank 0 goes to OUTPUT
    for (int from = first; from < rank; from++) {
      steps.recv(rank, Operand.scratch(from), from);
    }
    if (inclusive) {
      steps.copy(rank, Operand.input(0), Operand.output(0));
      CanonicalTree.reduceLocally(steps, rank, rank + 1, rank, Operand.output(0), Operand::scratch);
    } else if (rank > 0) {
      steps.recv(rank, Operand.output(0), 0);
      CanonicalTree.reduceLocally(steps, rank, rank, 0, Operand.output(0), Operand::scratch);
    }
    return steps.build();
  }
}
