package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RingOrderTest {
  private static double[][] random(int ranks, long seed) {
    Random random = new Random(seed);
    double[][] table = new double[ranks][ranks];
    for (double[] row : table) {
      for (int i = 0; i < ranks; i++) {
        row[i] = 1 + random.nextInt(9);
      }
    }
    return table;
  }

  private static double slowest(double[][] rate, int[] order) {
    return IntStream.range(0, order.length)
        .mapToDouble(i -> rate[order[i]][order[(i + 1) % order.length]])
        .min()
        .orElseThrow();
  }

  private static double length(double[][] length, int[] order) {
    return IntStream.range(0, order.length)
        .mapToDouble(i -> length[order[i]][order[(i + 1) % order.length]])
        .sum();
  }

  /// Tries all orders that begin with rank 0.
  private static double[] bestOfAll(double[][] rate, double[][] length, int[] order, int fixed) {
    if (fixed == order.length) {
      return new double[] {slowest(rate, order), length(length, order)};
    }
    double[] best = {0, 0};
    for (int i = fixed; i < order.length; i++) {
      int[] next = order.clone();
      next[fixed] = order[i];
      next[i] = order[fixed];
      double[] found = bestOfAll(rate, length, next, fixed + 1);
      if (found[0] > best[0] || (found[0] == best[0] && found[1] < best[1])) {
        best = found;
      }
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7})
  void shouldBeTheBestOfAllOrders(int ranks) {
    for (int seed = 0; seed < 10; seed++) {
      double[][] rate = random(ranks, seed);
      double[][] length = random(ranks, 100 + seed);

      int[] order = RingOrder.best(rate, length);

      double[] best = bestOfAll(rate, length, IntStream.range(0, ranks).toArray(), 1);
      assertThat(order).contains(IntStream.range(0, ranks).toArray()).startsWith(0);
      assertThat(slowest(rate, order)).isEqualTo(best[0]);
      assertThat(length(length, order)).isEqualTo(best[1]);
    }
  }

  @Test
  void shouldAvoidSlowLinksAmongManyRanks() {
    int ranks = 20;
    double[][] rate = new double[ranks][ranks];
    double[][] length = new double[ranks][ranks];
    for (int a = 0; a < ranks; a++) {
      for (int b = 0; b < ranks; b++) {
        rate[a][b] = (a + b) % 2 == 0 ? 10 : 5; // even ranks know each other, odd ones, too
        length[a][b] = (a + b) % 2 == 0 ? 1 : 3;
      }
    }
    rate[3][5] = 1;

    int[] order = RingOrder.best(rate, length);

    assertThat(order).contains(IntStream.range(0, ranks).toArray());
    assertThat(slowest(rate, order)).isEqualTo(5);
    assertThat(length(length, order)).isEqualTo(18 + 2 * 3); // two ways between the two kinds
  }

  @Test
  void shouldKeepTheOrderWhereThereIsNoChoice() {
    assertThat(RingOrder.best(new double[2][2], new double[2][2])).containsExactly(0, 1);
    assertThat(RingOrder.best(new double[100][100], new double[100][100]))
        .isEqualTo(IntStream.range(0, 100).toArray());
  }

  @Test
  void shouldRefuseTablesThatDoNotFit() {
    assertThatThrownBy(() -> RingOrder.best(new double[3][3], new double[4][4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected square tables of one size");
  }
}
