package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The rank arithmetic that the algorithms share.
final class CanonicalTreeTest {
  @Test
  void shouldSplitAtTheLargestPowerOfTwoBelowTheSize() {
    assertThat(IntStream.rangeClosed(2, 9).map(n -> CanonicalTree.split(0, n)))
        .containsExactly(1, 2, 2, 4, 4, 4, 4, 8);
    assertThat(CanonicalTree.split(4, 7)).isEqualTo(6);
  }

  @Test
  void shouldRepresentAJoinedGroupByTheRepresentativeOfAPart() {
    for (int n = 2; n <= 70; n++) {
      for (int owner = 0; owner < n; owner++) {
        for (int level = 0; level < CanonicalTree.levels(n); level++) {
          for (int base = 0; base < n; base += 2 << level) {
            int joined = CanonicalTree.representative(n, base, level + 1, owner);
            int left = CanonicalTree.representative(n, base, level, owner);
            int middle = base + (1 << level);
            int right = middle < n ? CanonicalTree.representative(n, middle, level, owner) : left;

            assertThat(joined).as("%d ranks, owner %d", n, owner).isIn(left, right);
            if (CanonicalTree.base(owner, level + 1) == base) {
              assertThat(joined).isEqualTo(owner);
            }
          }
        }
      }
    }
  }

  @Test
  void shouldReachEveryRankOfAPairOfGroupsFromThePartialRightGroup() {
    for (int n = 2; n <= 70; n++) {
      for (int level = 0; level < CanonicalTree.levels(n); level++) {
        for (int rank = 0; rank < n; rank++) {
          PairedGroups groups = PairedGroups.of(n, rank, level);
          for (int child : groups.spreadChildren()) {
            PairedGroups below = PairedGroups.of(n, child, level);
            assertThat(below.spreadParent()).isEqualTo(rank);
            assertThat(below.hasPartner() || below.isRight()).isFalse();
          }
          if (groups.joins() && !groups.isRight() && !groups.hasPartner()) {
            PairedGroups above = PairedGroups.of(n, groups.spreadParent(), level);
            assertThat(above.spreadChildren()).contains(rank);
          }
        }
      }
    }
  }

  @Test
  void shouldOrderOwnersByReversedBits() {
    assertThat(HalvingDoublingAllReduce.ownersInBitReversedOrder(4)).containsExactly(0, 2, 1, 3);
    assertThat(HalvingDoublingAllReduce.ownersInBitReversedOrder(6))
        .containsExactly(0, 4, 2, 1, 5, 3);
  }

  @Test
  void shouldBuildBinomialTreesOfConsistentParentsAndChildren() {
    assertThat(BinomialTree.of(4, 0).children()).containsExactly(1, 2);
    for (int n = 2; n <= 70; n++) {
      int ranks = n;
      shouldBeATree(IntStream.range(0, n).mapToObj(rank -> BinomialTree.of(ranks, rank)).toList());
    }
  }

  @Test
  void shouldBuildDoubleBinaryTreesWithEveryRankALeafOfOne() {
    assertThat(DoubleBinaryTree.base(6, 4)).isEqualTo(new RankTree(0, List.of(2, 5)));
    for (int n = 2; n <= 70; n++) {
      int ranks = n;
      List<RankTree> first =
          IntStream.range(0, n)
              .mapToObj(rank -> DoubleBinaryTree.ofReduction(0, ranks, rank))
              .toList();
      List<RankTree> second =
          IntStream.range(0, n)
              .mapToObj(rank -> DoubleBinaryTree.ofReduction(1, ranks, rank))
              .toList();
      shouldBeATree(first);
      shouldBeATree(second);
      for (int rank = n % 2; rank < n; rank++) {
        assertThat(first.get(rank).children().isEmpty() || second.get(rank).children().isEmpty())
            .as("%d ranks, rank %d", n, rank)
            .isTrue();
      }
    }
  }

  @Test
  void shouldHangBothBroadcastTreesBelowTheRoot() {
    assertThat(DoubleBinaryTree.ofBroadcast(1, 4, 3, 0)).isEqualTo(new RankTree(0, List.of(2, 1)));
    for (int n = 2; n <= 40; n++) {
      for (int root : new TreeSet<>(List.of(0, n / 2, n - 1))) {
        Set<Integer> inner = new HashSet<>();
        for (int tree = 0; tree < DoubleBinaryTree.TREES; tree++) {
          int t = tree;
          int ranks = n;
          List<RankTree> places =
              IntStream.range(0, n)
                  .mapToObj(rank -> DoubleBinaryTree.ofBroadcast(t, ranks, rank, root))
                  .toList();
          shouldBeATree(places);
          assertThat(places.get(root).isRoot()).isTrue();
          for (int rank = 0; rank < n; rank++) {
            if (rank != root && !places.get(rank).children().isEmpty()) {
              assertThat(inner.add(rank)).as("%d ranks, rank %d inner twice", n, rank).isTrue();
            }
          }
        }
      }
    }
  }

  private static void shouldBeATree(List<RankTree> places) {
    int root =
        IntStream.range(0, places.size())
            .filter(rank -> places.get(rank).isRoot())
            .findFirst()
            .orElseThrow();
    Set<Integer> reached = new TreeSet<>();
    Deque<Integer> queue = new ArrayDeque<>(List.of(root));
    while (!queue.isEmpty()) {
      int rank = queue.remove();
      assertThat(reached.add(rank)).isTrue();
      for (int child : places.get(rank).children()) {
        assertThat(places.get(child).parent()).isEqualTo(rank);
        queue.add(child);
      }
    }
    assertThat(reached).hasSize(places.size());
  }
}
