package dev.tutti.topology.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class MaxFlowTest {
  /// Returns the least capacity of all cuts between the first and the last vertex.
  private static long leastCut(long[][] units) {
    int vertices = units.length;
    long least = Long.MAX_VALUE;
    for (int inside = 1; inside < 1 << (vertices - 1); inside += 2) {
      long out = 0;
      for (int a = 0; a < vertices; a++) {
        for (int b = 0; b < vertices; b++) {
          out += (inside >> a & 1) == 1 && (inside >> b & 1) == 0 ? units[a][b] : 0;
        }
      }
      least = Math.min(least, out);
    }
    return least;
  }

  @Test
  void shouldBeAsLargeAsTheLeastOfAllCuts() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      int vertices = 2 + random.nextInt(8);
      long[][] units = new long[vertices][vertices];
      MaxFlow flow = MaxFlow.withWholeCapacities(vertices);
      for (int e = 0; e < 3 * vertices; e++) {
        int a = random.nextInt(vertices);
        int b = random.nextInt(vertices);
        int more = random.nextInt(20);
        units[a][b] += more;
        flow.add(a, b, more);
      }

      long actual = flow.wholeFlow(0, vertices - 1, MaxFlow.UNLIMITED);

      assertThat(actual).isEqualTo(leastCut(units));
      assertThat(flow.sourceSide()[vertices - 1]).isFalse();
      assertThat(flow.beforeSink()[0]).isTrue();
      assertThat(flow.wholeFlow(0, vertices - 1, 3)).isEqualTo(Math.min(3, actual));
    }
  }

  @Test
  void shouldTellTheSidesOfTheLeastCutAndTheFlowOfEachArc() {
    MaxFlow flow = MaxFlow.withWholeCapacities(4);
    int first = flow.add(0, 1, 5);
    int narrow = flow.add(1, 2, 2);
    int last = flow.add(2, 3, 5);

    assertThat(flow.wholeFlow(0, 3, MaxFlow.UNLIMITED)).isEqualTo(2);

    assertThat(flow.sourceSide()).containsExactly(true, true, false, false);
    assertThat(flow.beforeSink()).containsExactly(true, true, false, false);
    assertThat(flow.flowOn(first)).isEqualTo(2);
    flow.set(narrow, 7);
    assertThat(flow.wholeFlow(0, 3, MaxFlow.UNLIMITED)).isEqualTo(5);
    assertThat(flow.flowOn(last)).isEqualTo(5);
  }
}
