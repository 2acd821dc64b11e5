package dev.tutti.collectives.schedule;

import java.util.BitSet;

/// How to execute a [ScheduleSet] so that operands are combined in the order of their ranks, as an
/// operator that is associative but not commutative needs.
///
/// A schedule says what is combined, not which operand is the left one. Where every value that is
/// combined covers a range of neighbouring ranks, one operand's range ends where the other's
/// begins, and the one of lower ranks is the left: the *first* operand of the step (`target` of
/// REDUCE, `source` of the steps that receive) unless the step is *exchanged*. [ScheduleVerifier]
/// finds that out; it is a property of the step, the same in every run. The canonical tree always
/// has such an order, and so has a chain from rank 0 upwards, but not a ring.
///
/// Example: in a binomial tree to root 1 of two ranks, rank 1 combines its own (first) with what
/// arrives from rank 0, so the step is exchanged. Immutable.
public final class RankOrder {
  private final BitSet exchanged; // by step, numbered through rank after rank, lane after lane
  private final int[] firstStep; // of each rank; one more entry than ranks

  RankOrder(StepTable table, BitSet exchanged) {
    this.exchanged = exchanged;
    this.firstStep = new int[table.ranks + 1];
    for (int r = 0; r <= table.ranks; r++) {
      firstStep[r] = table.firstStepOfRank(r);
    }
  }

  /// Returns which steps of a rank, numbered through lane after lane, are exchanged: their first
  /// operand is the right one.
  public BitSet exchanged(int rank) {
    return exchanged.get(firstStep[rank], firstStep[rank + 1]);
  }
}
