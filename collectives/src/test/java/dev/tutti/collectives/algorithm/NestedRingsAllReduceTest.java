package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NestedRingsAllReduceTest {
  private static double[] rates(int ranks, SplittableRandom random) {
    double[] few = {1, 2, 4, 8, 25, 100};
    double slow = random.nextDouble(0.05, 1);
    return switch (random.nextInt(3)) {
      case 0 -> random.doubles(ranks, 0.1, 1).toArray();
      case 1 ->
          IntStream.range(0, ranks).mapToDouble(_ -> random.nextInt(5) == 0 ? slow : 1).toArray();
      default -> IntStream.range(0, ranks).mapToDouble(_ -> few[random.nextInt(6)]).toArray();
    };
  }

  private static ScheduleSet set(double[] rates, int rings, int pieces, int lanes) {
    return NestedRingsAllReduce.scheduleSet(NestedRings.of(rates, rings), pieces, lanes);
  }

  static Stream<double[]> known() {
    double[] manySlow = new double[512];
    Arrays.fill(manySlow, 1);
    Arrays.fill(manySlow, 504, 512, 0.875);
    return Stream.of(
        new double[] {1, 1},
        new double[] {1, 0.25},
        new double[] {1, 1, 1, 1, 1, 1, 1, 1},
        new double[] {1, 1, 1, 1, 1, 1, 1, 0.875},
        new double[] {1, 1, 1, 1, 1, 1, 1, 0.5},
        new double[] {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5},
        new double[] {4, 4, 2, 2, 1, 1},
        manySlow);
  }

  /// The load formula of the Javadoc, once more.
  private static double time(NestedRings rings, double[] rates) {
    int ranks = rates.length;
    double time = 0;
    for (int place = 0; place < ranks; place++) {
      double load = 0;
      for (int h = 1; h <= ranks; h++) {
        double each = place < h ? (2.0 * (h - 1) + (ranks - h)) / h : 1;
        load += rings.parts()[h - 1] * each;
      }
      time = Math.max(time, load / rates[rings.order()[place]]);
    }
    return time;
  }

  @ParameterizedTest
  @MethodSource("known")
  void shouldReachTheBoundWithFewRings(double[] rates) {
    NestedRings rings = NestedRings.of(rates, 4);

    assertThat(Arrays.stream(rings.parts()).sum()).isCloseTo(1, offset(1e-9));
    assertThat(rings.rings()).isLessThanOrEqualTo(3);
    assertThat(time(rings, rates)).isLessThanOrEqualTo(NestedRings.bound(rates) * 1.001001);
  }

  @Test
  void shouldReachTheBoundForThousandsOfRates() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 4000; i++) {
      double[] rates = rates(random.nextInt(2, 33), random);

      double time = time(NestedRings.of(rates, rates.length), rates);

      assertThat(NestedRings.bound(rates) / time)
          .as(() -> Arrays.toString(rates))
          .isBetween(0.999, 1.000001);
    }
  }

  @Test
  void shouldLoadThePortsOfTheScheduleNoMoreThanTheBoundAllows() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 400; i++) {
      double[] rates = rates(random.nextInt(2, 17), random);
      ScheduleSet set = set(rates, rates.length, 1, 64);

      double time = ScheduleProof.busiestPort(set, rates);

      assertThat(NestedRings.bound(rates) / time)
          .as(() -> Arrays.toString(rates))
          .isBetween(0.999, 1.000001);
    }
  }

  @Test
  void shouldComeCloseToTheBoundWithThreeRings() {
    SplittableRandom random = new SplittableRandom(3);
    double worst = 1;
    for (int i = 0; i < 200; i++) {
      double[] rates = rates(random.nextInt(3, 33), random);

      worst = Math.min(worst, NestedRings.bound(rates) / time(NestedRings.of(rates, 3), rates));
    }

    assertThat(worst).isGreaterThan(0.8);
  }

  @Test
  void shouldLoseLittleWhereARingLosesHalf() {
    double[] rates = {1, 0.5, 1, 1, 1, 1, 1, 1};

    double nested = ScheduleProof.busiestPort(set(rates, 8, 1, 64), rates);

    double healthy = 2.0 * 7 / 8;
    assertThat(nested / healthy).isCloseTo(1.143, offset(0.001));
  }

  @Test
  void shouldBeProvedForEveryNumberOfRanks() {
    SplittableRandom random = new SplittableRandom(4);
    IntStream.concat(IntStream.rangeClosed(2, 33), IntStream.of(64, 127))
        .forEach(ranks -> {
          double[] rates = rates(ranks, random);
          int pieces = 1 + random.nextInt(ranks > 16 ? 2 : 4);
          int lanes = 8 << random.nextInt(5);
          ScheduleSet set = set(rates, 3, pieces, lanes);
          String what = Arrays.toString(rates) + " pieces " + pieces + " lanes " + lanes;

          ScheduleProof.prove(set, what);
          assertThat(ScheduleProof.lanes(set)).as(what).isLessThanOrEqualTo(Math.max(9, lanes));
        });
  }

  @Test
  void shouldGiveTheRightResults() {
    SplittableRandom random = new SplittableRandom(5);
    for (int ranks = 2; ranks < 14; ranks++) {
      double[] rates = rates(ranks, random);

      ScheduleProof.run(set(rates, 3, 2, 16), Arrays.toString(rates), 0, 1, 101);
    }
  }

  @Test
  void shouldRefuseNonsense() {
    assertThatThrownBy(() -> NestedRings.of(new double[] {1}, 1))
        .hasMessage("nested rings need at least 2 ranks and 1 ring, got 1 and 1");
    assertThatThrownBy(() -> NestedRings.of(new double[] {1, 0}, 1))
        .hasMessage("rate of rank 1 is 0.0, expected a positive number");
    assertThatThrownBy(() -> set(new double[] {1, 1}, 1, 0, 1)).hasMessageContaining("got 0 and 1");
  }
}
