package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// Reduce-scatter by recursive vector halving and distance doubling: the first phase of
/// [OwnerTrees].
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on reduce-scatter, with the distances ascending instead of
/// descending: that gives the [CanonicalTree], for every n, but the blocks of one message (owners
/// that agree in the low bits) are not adjacent in the vector. So each block is a message of its
/// own, n - 1 per rank, and the gain over [FlatReduceScatter] is that a rank talks to about log2(n)
/// peers only.
///
/// Chunk r is the block of rank r. Partial sums of other blocks are kept in scratch copy 0, the own
/// one in OUTPUT. Sends (n - 1) / n of the send buffer per rank in ceil(log2 n) levels; example in
/// [OwnerTrees].
final class HalvingDoublingReduceScatter {
  private HalvingDoublingReduceScatter() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.REDUCE_SCATTER, ranks, rank, 0, Partition.even(ranks));
    int[] ownerOfChunk = new int[ranks];
    for (int chunk = 0; chunk < ranks; chunk++) {
      ownerOfChunk[chunk] = chunk;
    }
    new OwnerTrees(steps, ranks, rank, ownerOfChunk)
        .reduceToOwners(chunk -> chunk == rank ? Operand.output(chunk) : Operand.scratch(chunk));
    return steps.build();
  }
}
