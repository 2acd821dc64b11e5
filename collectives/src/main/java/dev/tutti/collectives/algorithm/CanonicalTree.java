package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Operand;
import java.util.function.IntFunction;

/// Arithmetic of the canonical reduction tree, the balanced binary tree over rank ids.
///
/// `tree(lo, hi) = tree(lo, mid) + tree(mid, hi)` where `mid - lo` is the largest power of two
/// smaller than `hi - lo`. Bottom up the same tree reads: the *group* of level k and base b (a
/// multiple of 2^k) is the ranks `[b, b + 2^k)` that exist; level k joins the left group of base b,
/// always full, with the right group of base b + 2^k, of which the last may be partial or missing;
/// a left group whose right one is missing passes its value up unchanged. Examples:
///
/// ```
/// 4 ranks: (0 1) (2 3)        6 ranks: ((0 1) (2 3)) (4 5)
/// 5 ranks: ((0 1) (2 3)) 4    7 ranks: ((0 1) (2 3)) ((4 5) 6)
/// ```
///
/// Every algorithm that combines values only along this tree yields the same bits, whatever rank
/// computes which node, because `+` is commutative (though not associative) for every built-in
/// operator. Which operand is the left one, where that matters, the verifier finds out
/// ([dev.tutti.collectives.schedule.RankOrder]).
final class CanonicalTree {
  private CanonicalTree() {}

  /// Returns the number of levels, `ceil(log2(ranks))`.
  static int levels(int ranks) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(ranks - 1);
  }

  /// Returns where `tree(lo, hi)` splits, for `hi - lo >= 2`.
  static int split(int lo, int hi) {
    return lo + Integer.highestOneBit(hi - lo - 1);
  }

  /// Returns the base of the level-`level` group of a rank.
  static int base(int rank, int level) {
    return rank >> level << level;
  }

  /// Returns the member of a group that holds the group's value of the chunk owned by `owner`.
  ///
  /// It is the member that agrees with the owner in the low `level` bits; where that rank does not
  /// exist, the highest bits of the difference to the base are cleared until it does. Two
  /// properties make this a reduction tree: the representative of a group that contains the owner
  /// is the owner, and the representative of a joined group is that of its left or of its right
  /// part. The second holds because adding bit `level` to the offset either names the right part's
  /// representative or a missing rank, and then clearing that bit names the left part's.
  ///
  /// Example, 5 ranks, owner 3: groups {0 1} and {2 3} of level 1 have representatives 1 and 3, the
  /// groups {0 1 2 3} and {4} of level 2 have 3 and 4 (offset 3 is missing, 3 - 2 = 1 also, 1 - 1 =
  /// 0 exists).
  static int representative(int ranks, int base, int level, int owner) {
    int offset = owner & ((1 << level) - 1);
    while (base + offset >= ranks) {
      offset -= Integer.highestOneBit(offset);
    }
    return base + offset;
  }

  /// Appends the local reduction of all ranks' contributions in canonical order into `own`.
  ///
  /// The accumulator of a subtree is the leaf with the smallest rank, or `own` where the subtree
  /// contains `rank`, so that `own` ends up with the total and nothing is copied. Appends `ranks -
  /// 1` REDUCE steps. Example, 4 ranks, rank 2: `s0 += s1; own += s3; own += s0`.
  ///
  /// @param own holds the contribution of `rank`, afterwards the total
  /// @param leaf the contribution of each other rank, overwritten
  static void reduceLocally(
      ProgramOrderBuilder steps,
      int lane,
      int ranks,
      int rank,
      Operand own,
      IntFunction<Operand> leaf) {
    reduceRange(steps, lane, 0, ranks, rank, own, leaf);
  }

  private static Operand reduceRange(
      ProgramOrderBuilder steps,
      int lane,
      int lo,
      int hi,
      int rank,
      Operand own,
      IntFunction<Operand> leaf) {
    if (hi - lo == 1) {
      return lo == rank ? own : leaf.apply(lo);
    }
    int mid = split(lo, hi);
    Operand left = reduceRange(steps, lane, lo, mid, rank, own, leaf);
    Operand right = reduceRange(steps, lane, mid, hi, rank, own, leaf);
    boolean intoRight = rank >= mid && rank < hi;
    steps.reduce(lane, intoRight ? left : right, intoRight ? right : left);
    return intoRight ? right : left;
  }
}
