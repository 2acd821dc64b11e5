package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import java.util.Comparator;
import java.util.stream.IntStream;

/// All-reduce by recursive vector halving and distance doubling, then vector doubling and distance
/// halving: both phases of [OwnerTrees].
///
/// Source: Rabenseifner, "Optimization of collective reduction operations", ICCS 2004; Thakur,
/// Rabenseifner, Gropp, IJHPCA 19 (2005), section on all-reduce (vector halving and distance
/// doubling). The treatment of a number of ranks that is no power of two is that of [OwnerTrees],
/// not theirs: no rank sits out, the volume stays the least possible, and the sum is the
/// [CanonicalTree] for every n.
///
/// Sends 2 (n - 1) / n of the vector per rank (for powers of two; otherwise exactly (n - 1) / n in
/// the first phase and on average in the second) in 2 ceil(log2 n) levels. Partial sums are kept in
/// OUTPUT; in place INPUT chunk c is read for the last time by the step that first writes OUTPUT
/// chunk c, or sent before.
///
/// The owner of chunk c is the c-th rank in the order of the reversed bits, so that the chunks of
/// one level's message are adjacent and follow each other in their lane. Example, 4 ranks: chunks
/// 0, 1, 2, 3 belong to ranks 0, 2, 1, 3; at level 0 rank 0 sends chunks 2 and 3 to rank 1. With 6
/// ranks the owners are 0, 4, 2, 1, 5, 3.
final class HalvingDoublingAllReduce {
  private HalvingDoublingAllReduce() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(ranks));
    OwnerTrees trees = new OwnerTrees(steps, ranks, rank, ownersInBitReversedOrder(ranks));
    trees.reduceToOwners(Operand::output);
    trees.gatherFromOwners();
    return steps.build();
  }

  static int[] ownersInBitReversedOrder(int ranks) {
    return IntStream.range(0, ranks)
        .boxed()
        .sorted(Comparator.comparing(Integer::reverse, Integer::compareUnsigned))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
