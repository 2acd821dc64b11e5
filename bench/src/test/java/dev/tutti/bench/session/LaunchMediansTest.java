package dev.tutti.bench.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LaunchMediansTest {
  @Test
  void shouldTakeMediansOverLaunchesAndKeepTheOrder() {
    LaunchMedians medians = new LaunchMedians();
    double[] times = {3, 1, 10};
    for (int launch = 1; launch <= 3; launch++) {
      double micros = times[launch - 1];
      medians.add(Rows.row(64, Placement.OUT_OF_PLACE, micros).withLaunch(launch));
      medians.add(Rows.row(16, Placement.OUT_OF_PLACE, 2 * micros).withLaunch(launch));
    }

    List<BenchRow> rows = medians.combined();

    assertThat(rows).extracting(BenchRow::bytes).containsExactly(64L, 16L);
    assertThat(rows).extracting(BenchRow::p50Micros).containsExactly(3.0, 6.0);
    assertThat(rows).extracting(BenchRow::percentOfLimit).containsOnly(25.0);
    assertThat(rows).extracting(BenchRow::launch).containsOnly(0);
  }

  @Test
  void shouldAddUpWrongElements() {
    LaunchMedians medians = new LaunchMedians();
    medians.add(Rows.row(64, Placement.IN_PLACE, BufferKind.FOREIGN, 1, 2));
    medians.add(Rows.row(64, Placement.IN_PLACE, BufferKind.FOREIGN, 1, 0));

    assertThat(medians.combined()).extracting(BenchRow::wrong).containsExactly(2L);
  }

  @Test
  void shouldTellUsageErrorsFromDeadRanks() {
    assertThat(ExitCodes.ofFailedLaunch(new LaunchResult(2, 0, List.of(2, 2)))).isEqualTo(2);
    assertThat(ExitCodes.ofFailedLaunch(new LaunchResult(137, 1, List.of(6, 137)))).isEqualTo(6);
    assertThat(ExitCodes.ofFailedLaunch(new LaunchResult(1, 0, List.of(1, 6)))).isEqualTo(6);
  }
}
