package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;

/// All-reduce by recursive doubling: at level k the ranks of two groups of up to 2^k exchange their
/// groups' sums.
///
/// Source: Thakur, Rabenseifner, Gropp, "Optimization of collective communication operations in
/// MPICH", IJHPCA 19 (2005), section on all-reduce. Their treatment of a number of ranks that is no
/// power of two (fold neighbours first) associates differently for each count; here the groups are
/// those of the [CanonicalTree] for every n, and a left group whose right partner group is smaller
/// gets the missing values as in [PairedGroups].
///
/// Invariant: after level k every rank holds the canonical sum of its level k + 1 group. So all
/// ranks get the canonical tree, the same bits, for every n.
///
/// One chunk. Powers of two: log2(n) rounds, each rank sends the vector once per round. Otherwise
/// ceil(log2 n) levels; a rank sends at most 2 ceil(log2 n) vectors. The value of a partial group
/// travels in a lane of its own while its receivers are still busy with lower levels, so the last
/// level does not wait for it (9 ranks: rank 8 starts at once).
///
/// Lanes: 0 from left to right ranks, 1 from right to left, 2 the spread to ranks without partner.
/// In one lane an exchange would wait on both sides for the other's receive. The accumulator
/// alternates between OUTPUT and scratch, because a rank still sends the old value while it
/// computes the new one. Example, 4 ranks, rank 2 (left of 3 at level 0, right of 0 at level 1):
///
/// ```
/// lane 0: send in -> 3;         out = s0 + recv <- 0
/// lane 1: s0 = in + recv <- 3;  send s0 -> 0
/// ```
final class RecursiveDoublingAllReduce {
  private static final int TO_RIGHT = 0;
  private static final int TO_LEFT = 1;
  private static final int SPREAD = 2;
  private static final Operand ALTERNATE = Operand.scratch(0);
  private static final Operand FIRST_SUM = Operand.scratch(1);
  private static final Operand SPREAD_VALUE = Operand.scratch(2);

  private final int ranks;
  private final int rank;
  private final ProgramOrderBuilder steps;
  private Operand sum = Operand.input(0);
  private int remainingReceives;

  private RecursiveDoublingAllReduce(int ranks, int rank) {
    this.ranks = ranks;
    this.rank = rank;
    steps = new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(1));
  }

  static Schedule schedule(int ranks, int rank) {
    return new RecursiveDoublingAllReduce(ranks, rank).build();
  }

  private Schedule build() {
    int levels = CanonicalTree.levels(ranks);
    for (int level = 0; level < levels; level++) {
      PairedGroups groups = PairedGroups.of(ranks, rank, level);
      remainingReceives += groups.joins() && !forwards(groups) ? 1 : 0;
    }
    for (int level = 0; level < levels; level++) {
      PairedGroups groups = PairedGroups.of(ranks, rank, level);
      if (groups.joins()) {
        join(groups);
      }
    }
    return steps.build();
  }

  /// Returns whether the rank has to keep the right group's value to pass it on.
  private static boolean forwards(PairedGroups groups) {
    return !groups.hasPartner() && groups.spreadChildren().length > 0;
  }

  private void join(PairedGroups groups) {
    if (forwards(groups)) {
      forward(groups);
      return;
    }
    if (!groups.hasPartner()) {
      receive(SPREAD, groups.spreadParent());
      return;
    }
    steps.send(groups.isRight() ? TO_LEFT : TO_RIGHT, sum, groups.partner());
    for (int child : groups.spreadChildren()) {
      steps.send(SPREAD, sum, child);
    }
    receive(groups.isRight() ? TO_RIGHT : TO_LEFT, groups.partner());
  }

  /// Passes the right group's value on before adding it. Such a rank was in a full exchange at the
  /// levels below, so the accumulator is not INPUT.
  private void forward(PairedGroups groups) {
    int[] children = groups.spreadChildren();
    steps.recvForward(SPREAD, SPREAD_VALUE, groups.spreadParent(), children[0]);
    for (int i = 1; i < children.length; i++) {
      steps.send(SPREAD, SPREAD_VALUE, children[i]);
    }
    steps.reduce(SPREAD, SPREAD_VALUE, sum);
  }

  /// Adds what arrives into the next accumulator; the last one is OUTPUT. Example, 4 receives:
  /// scratch, OUTPUT, scratch, OUTPUT; 3 receives: first scratch, scratch, OUTPUT.
  private void receive(int lane, int from) {
    remainingReceives--;
    boolean first = sum.equals(Operand.input(0));
    if (first && remainingReceives == 0) {
      // In place OUTPUT is being sent while the value arrives.
      steps.recv(lane, ALTERNATE, from);
      steps.copy(lane, sum, Operand.output(0));
      steps.reduce(lane, ALTERNATE, Operand.output(0));
      return;
    }
    Operand next = remainingReceives % 2 == 0 ? Operand.output(0) : ALTERNATE;
    if (first && remainingReceives % 2 == 0) {
      next = FIRST_SUM;
    }
    steps.recvReduce(lane, sum, next, from);
    sum = next;
  }
}
