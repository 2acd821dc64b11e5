package dev.tutti.collectives.algorithm;

import java.util.stream.IntStream;

/// The two groups that level k of the canonical tree joins, as seen by one of their ranks, and how
/// the value of a *partial* right group reaches left ranks that have no partner.
///
/// Let q be a rank's index inside its own group, 2^k the size of the left group and m that of the
/// right group. Ranks of equal q are partners and exchange their groups' values. A left rank with q
/// > = m has no partner; it receives the right group's value along a binomial tree: from index `q -
/// > highestOneBit(q)`, which is the *right* rank of that index if below m and the left rank
/// > otherwise. So no rank sends to more than k others and the value is there after at most k hops.
/// > Example, 5 ranks, level 2, left {0 1 2 3}, right {4}: 0 and 4 are partners, 4 also sends to 1
/// > and 2, and 1 sends to 3.
///
/// @param level the level k
/// @param base first rank of the left group
/// @param rank the rank, a member of either group
/// @param rightSize number m of ranks of the right group, 0 if it is missing
record PairedGroups(int level, int base, int rank, int rightSize) {

  /// Returns the groups that `level` joins around `rank`.
  static PairedGroups of(int ranks, int rank, int level) {
    int base = CanonicalTree.base(rank, level + 1);
    int rightSize = Math.clamp(ranks - base - (1L << level), 0, 1 << level);
    return new PairedGroups(level, base, rank, rightSize);
  }

  /// Returns whether there is a right group to join.
  boolean joins() {
    return rightSize > 0;
  }

  /// Returns the first rank of the right group.
  int middle() {
    return base + (1 << level);
  }

  /// Returns whether the rank belongs to the right group.
  boolean isRight() {
    return rank >= middle();
  }

  /// Returns whether a rank of the same index exists in the other group.
  boolean hasPartner() {
    return index() < rightSize;
  }

  /// Returns the rank of the same index in the other group.
  int partner() {
    return rank ^ (1 << level);
  }

  /// Returns the rank from which a left rank without partner receives the right group's value.
  int spreadParent() {
    int parent = index() - Integer.highestOneBit(index());
    return parent < rightSize ? middle() + parent : base + parent;
  }

  /// Returns the left ranks without partner to which this rank passes the right group's value, the
  /// one with the most descendants first. Left ranks that have a partner pass it to nobody.
  int[] spreadChildren() {
    if (!isRight() && hasPartner()) {
      return new int[0];
    }
    int index = index();
    return IntStream.range(0, level)
        .map(bit -> 1 << bit)
        .filter(bit -> bit > index && index + bit >= rightSize)
        .map(bit -> base + index + bit)
        .toArray();
  }

  private int index() {
    return isRight() ? rank - middle() : rank - base;
  }
}
