package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-gather by recursive doubling: at level k the ranks of two groups of up to 2^k exchange all
/// blocks of their groups.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on all-gather; for a number of ranks that is no power of two,
/// a left rank without partner gets the right group's blocks as in [PairedGroups], and no block is
/// sent to a rank twice.
///
/// Invariant: after level k every rank holds the blocks of its level k + 1 group, which are
/// adjacent. Every rank receives n - 1 blocks, the least possible, in ceil(log2 n) levels; for
/// powers of two it also sends n - 1. A block is one chunk and one message; the blocks of a level
/// follow each other in ascending order. Lanes as in [RecursiveDoublingAllReduce]. Example, rank 2
/// of 4:
///
/// ```
/// lane 0: out2 = in2; send out2 -> 3; out0 = recv <- 0; out1 = recv <- 0
/// lane 1: out3 = recv <- 3; send out2 -> 0; send out3 -> 0
/// ```
final class RecursiveDoublingAllGather {
  private static final int TO_RIGHT = 0;
  private static final int TO_LEFT = 1;
  private static final int SPREAD = 2;

  private RecursiveDoublingAllGather() {}

  static Schedule schedule(int ranks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_GATHER, ranks, rank, 0, Partition.even(ranks));
    steps.copy(TO_RIGHT, Operand.input(rank), Operand.output(rank));
    for (int level = 0; level < CanonicalTree.levels(ranks); level++) {
      PairedGroups groups = PairedGroups.of(ranks, rank, level);
      if (!groups.joins()) {
        continue;
      }
      int middle = groups.middle();
      int end = middle + groups.rightSize();
      if (groups.isRight()) {
        exchange(steps, groups, TO_LEFT, middle, end, TO_RIGHT, groups.base(), middle);
        spread(steps, groups, middle, end);
      } else if (groups.hasPartner()) {
        exchange(steps, groups, TO_RIGHT, groups.base(), middle, TO_LEFT, middle, end);
      } else {
        receiveAndSpread(steps, groups, middle, end);
      }
    }
    return steps.build();
  }

  private static void exchange(
      ProgramOrderBuilder steps,
      PairedGroups groups,
      int sendLane,
      int sendFrom,
      int sendTo,
      int recvLane,
      int recvFrom,
      int recvTo) {
    for (int block = sendFrom; block < sendTo; block++) {
      steps.send(sendLane, Operand.output(block), groups.partner());
    }
    for (int block = recvFrom; block < recvTo; block++) {
      steps.recv(recvLane, Operand.output(block), groups.partner());
    }
  }

  private static void spread(ProgramOrderBuilder steps, PairedGroups groups, int from, int to) {
    for (int block = from; block < to; block++) {
      for (int child : groups.spreadChildren()) {
        steps.send(SPREAD, Operand.output(block), child);
      }
    }
  }

  private static void receiveAndSpread(
      ProgramOrderBuilder steps, PairedGroups groups, int from, int to) {
    int[] children = groups.spreadChildren();
    for (int block = from; block < to; block++) {
      if (children.length == 0) {
        steps.recv(SPREAD, Operand.output(block), groups.spreadParent());
        continue;
      }
      steps.recvForward(SPREAD, Operand.output(block), groups.spreadParent(), children[0]);
      for (int i = 1; i < children.length; i++) {
        steps.send(SPREAD, Operand.output(block), children[i]);
      }
    }
  }
}
