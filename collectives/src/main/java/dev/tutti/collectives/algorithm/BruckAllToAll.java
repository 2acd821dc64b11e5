package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-to-all in ceil(log2 n) rounds: in round k every rank passes on, to the rank 2^k above (mod
/// ranks), all blocks whose remaining way has bit k set.
///
/// Source: Bruck, Ho, Kipnis, Upfal, Weathersby, "Efficient algorithms for all-to-all
/// communications in multiport message-passing systems", IEEE TPDS 8 (1997), section 3, without the
/// two rotations in memory: blocks are sent from where they are.
///
/// Chunk `s * ranks + d` is the block from s to d. Position j of a rank holds, before round k, the
/// block whose way from its source to its destination is j and of which the bits of j below k are
/// done. It lies in INPUT until its first hop, in scratch between hops and in OUTPUT after the
/// last. A scratch place is used by every other hop of its position, so that a block can arrive
/// while the one before is being sent. Equal blocks only, as ranks handle blocks of others.
///
/// Sends about n/2 log2(n) blocks per rank to ceil(log2 n) peers. A rank sends in lane 2k or 2k + 1
/// by its bit k, so that mostly it receives in the other one and no circle of senders arises.
/// Example, 4 ranks, rank 1: round 0 sends the blocks for 2 and 0 (positions 1 and 3) to rank 2,
/// round 1 the block for 3 and the one that came from 0 for 3 (positions 2 and 3) to rank 3.
final class BruckAllToAll {
  private BruckAllToAll() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_TO_ALL, ranks, rank, 0, Partition.even(ranks * ranks));
    int own = rank * ranks + rank;
    steps.copy(0, Operand.input(own), Operand.output(own));
    for (int round = 0; 1 << round < ranks; round++) {
      int bit = 1 << round;
      int to = (rank + bit) % ranks;
      int from = (rank - bit + ranks) % ranks;
      for (int position = bit; position < ranks; position++) {
        if ((position & bit) != 0) {
          steps.send(lane(round, rank), place(ranks, rank, position, bit), to);
        }
      }
      for (int position = bit; position < ranks; position++) {
        if ((position & bit) != 0) {
          steps.recv(lane(round, from), place(ranks, rank, position, 2 * bit), from);
        }
      }
    }
    return steps.build();
  }

  private static int lane(int round, int sender) {
    return 2 * round + (sender >> round & 1);
  }

  /// Returns where a position's block lies when the bits below `bit` are done.
  private static Operand place(int ranks, int rank, int position, int bit) {
    int done = position & (bit - 1);
    if (done == 0) {
      return Operand.input(rank * ranks + (rank + position) % ranks);
    }
    if (done == position) {
      return Operand.output((rank - position + ranks) % ranks * ranks + rank);
    }
    return Operand.scratch(position + (Integer.bitCount(done) & 1) * ranks);
  }
}
