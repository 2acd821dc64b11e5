package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rings in any order, several at once, with any weights.
final class MultiRingTest {
  private static int[] shuffled(int ranks, SplittableRandom random) {
    int[] order = IntStream.range(0, ranks).toArray();
    for (int i = ranks - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }

  @Test
  void shouldBeProvedForAnyOrdersAndWeights() {
    SplittableRandom random = new SplittableRandom(1);
    for (int ranks : IntStream.concat(IntStream.rangeClosed(2, 33), IntStream.of(64)).toArray()) {
      int[][] rings = new int[1 + random.nextInt(3)][];
      Arrays.setAll(rings, _ -> shuffled(ranks, random));
      long[] weights = random.longs(rings.length, 1, 100).toArray();
      String what = ranks + " ranks, " + Arrays.deepToString(rings);

      ScheduleProof.prove(MultiRingAllReduce.scheduleSet(rings, weights), what);
      ScheduleProof.prove(MultiRingAllGather.scheduleSet(rings, weights), what);
      ScheduleProof.prove(MultiRingReduceScatter.scheduleSet(rings, weights), what);
    }
  }

  @Test
  void shouldGiveTheRightResultsForAnyOrdersAndWeights() {
    SplittableRandom random = new SplittableRandom(2);
    for (int ranks = 2; ranks < 12; ranks++) {
      int[][] rings = {shuffled(ranks, random), shuffled(ranks, random)};
      String what = Arrays.deepToString(rings);

      ScheduleProof.run(MultiRingAllReduce.scheduleSet(rings, 5, 2), what, 0, 1, 31);
      ScheduleProof.run(MultiRingAllGather.scheduleSet(rings, 5, 2), what, 0, 1, 7);
      ScheduleProof.run(MultiRingReduceScatter.scheduleSet(rings, 5, 2), what, 0, 1, 7);
    }
  }

  @Test
  void shouldSendToTheNextOfEachOrderOnly() {
    int[][] rings = {{0, 2, 1, 3}, {3, 1, 2, 0}};

    double[][] traffic = ScheduleProof.traffic(MultiRingAllReduce.scheduleSet(rings, 3, 1));

    double whole = 2.0 * 3 / 4;
    assertThat(traffic[0][2]).isEqualTo(whole * 3 / 4);
    assertThat(traffic[2][0]).isEqualTo(whole / 4);
    assertThat(traffic[0][1]).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8, 9, 16, 33, 64, 127})
  void shouldFindEdgeDisjointRingsInTheFullMesh(int ranks) {
    int[][] rings = EdgeDisjointRings.ofFullMesh(ranks, ranks);

    assertThat(rings.length).isEqualTo(Math.max(1, (ranks - 1) / 2 * 2));
    assertDisjoint(rings, ranks);
  }

  private static void assertDisjoint(int[][] rings, int ranks) {
    boolean[][] used = new boolean[ranks][ranks];
    for (int[] ring : rings) {
      assertThat(Arrays.stream(ring).sorted().toArray())
          .isEqualTo(IntStream.range(0, ranks).toArray());
      for (int i = 0; i < ranks; i++) {
        int from = ring[i];
        int to = ring[(i + 1) % ranks];
        assertThat(used[from][to]).as("%d -> %d", from, to).isFalse();
        used[from][to] = true;
      }
    }
  }

  @Test
  void shouldLoadEachLinkOfAMeshAlikeWhenAllRingsAreUsed() {
    int[][] rings = EdgeDisjointRings.ofFullMesh(5, 5);
    ScheduleSet set = MultiRingAllReduce.scheduleSet(rings, 1, 1, 1, 1);

    double[][] traffic = ScheduleProof.traffic(set);

    for (int from = 0; from < 5; from++) {
      for (int to = 0; to < 5; to++) {
        assertThat(traffic[from][to]).isCloseTo(from == to ? 0 : 2.0 * 4 / 5 / 4, offset(1e-6));
      }
    }
  }

  @Test
  void shouldFindRingsAroundMissingLinks() {
    int[][] links = new int[8][8];
    for (int[] row : links) {
      Arrays.fill(row, 1);
    }
    links[0][1] = links[1][0] = 0;
    links[0][2] = links[2][0] = 0;

    int[][] rings = EdgeDisjointRings.search(links, 8);

    assertThat(rings.length).isGreaterThanOrEqualTo(4); // ranks 0 to 2 have 5 and 6 links left
    assertDisjoint(rings, 8);
    for (int[] ring : rings) {
      for (int i = 0; i < 8; i++) {
        assertThat(links[ring[i]][ring[(i + 1) % 8]]).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldFindAllRingsOfADirectedGraphThatHasNoOther() {
    int[] one = {0, 3, 1, 4, 2};
    int[][] links = new int[5][5];
    for (int i = 0; i < 5; i++) {
      links[one[i]][one[(i + 1) % 5]] = 2;
    }

    assertThat(EdgeDisjointRings.search(links, 9)).hasDimensions(2, 5);
    links[4][2] = 0;
    assertThat(EdgeDisjointRings.search(links, 9)).isEmpty();
  }

  @Test
  void shouldRefuseNonsense() {
    assertThatThrownBy(() -> MultiRingAllReduce.scheduleSet(new int[][] {{0, 1, 1}}, 1))
        .hasMessage("entry 2 of the ring is 1, expected each of the ranks 0 to 2 once");
    assertThatThrownBy(() -> MultiRingAllReduce.scheduleSet(new int[][] {{0, 1}}, 1, 1))
        .hasMessageStartingWith("there are 1 rings and 2 weights");
    assertThatThrownBy(() -> MultiRingAllGather.scheduleSet(new int[][] {{0, 1}}, 0))
        .hasMessage("weight of ring 0 is 0, expected at least 1");
    assertThatThrownBy(() -> MultiRingAllGather.scheduleSet(new int[][] {{0, 1}, {0}}, 1, 1))
        .hasMessage("ring 1 has 1 ranks, ring 0 2");
    assertThatThrownBy(() -> EdgeDisjointRings.ofFullMesh(1, 1)).hasMessageContaining("got 1");
    assertThatThrownBy(() -> EdgeDisjointRings.search(new int[][] {{0, 1}, {0}}, 1))
        .hasMessage("row 1 has 1 entries, expected 2");
  }
}
