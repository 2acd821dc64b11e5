package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StatisticsTest {
  @Test
  void shouldTakeTheMiddleOfOddCounts() {
    Statistics statistics = Statistics.of(new double[] {5, 1, 3});

    assertThat(statistics).isEqualTo(new Statistics(3, 3, 5, 1));
  }

  @Test
  void shouldTakeTheMeanOfTheTwoInTheMiddleOfEvenCounts() {
    assertThat(Statistics.of(new double[] {4, 1, 3, 2}).p50()).isEqualTo(2.5);
    assertThat(Statistics.median(new double[] {2, 8})).isEqualTo(5);
  }

  @Test
  void shouldTakeTheElementAt99Percent() {
    double[] times = IntStream.range(0, 1000).mapToDouble(i -> 999 - i).toArray();

    assertThat(Statistics.of(times).p99()).isEqualTo(990);
  }

  @Test
  void shouldRefuseNoTimes() {
    assertThatIllegalArgumentException().isThrownBy(() -> Statistics.of(new double[0]));
  }
}
