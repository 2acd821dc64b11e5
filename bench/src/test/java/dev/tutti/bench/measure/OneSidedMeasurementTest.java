package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.collectives.CommunicatorConfig;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.World;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What rank 0 does to rank 1's window, measured by threads.
final class OneSidedMeasurementTest {
  private static BenchOptions options(BenchCollective collective, ReduceOp op) {
    return new BenchOptions(
        collective,
        2,
        RankMode.THREADS,
        List.of(4L, 40_004L),
        List.of(DataType.FLOAT32),
        List.of(op),
        0,
        2,
        0,
        1e-4,
        true,
        List.of(BufferKind.FOREIGN),
        List.of(Placement.values()),
        CallStyle.BLOCKING,
        null,
        null);
  }

  @ParameterizedTest
  @EnumSource(names = {"PUT", "GET", "ACCUMULATE", "PUT_STREAM"})
  void shouldMeasureAndCheckWhatLiesInTheWindow(BenchCollective collective) {
    BenchOptions options = options(collective, ReduceOp.SUM);
    List<BenchRow> rows = new ArrayList<>();
    BenchEvents events =
        new BenchEvents() {
          @Override
          public void started(StartedEvent event) {}

          @Override
          public void measured(BenchRow row) {
            rows.add(row);
          }
        };

    try (World world = World.threads(2, CommunicatorConfig.builder().build())) {
      world.run(c -> BenchWorker.run(c, options, events));
    }

    assertThat(options.measurements()).isEqualTo(2); // never in place
    assertThat(rows).hasSize(2);
    assertThat(rows).allMatch(row -> row.wrong() == 0 && row.p50Micros() > 0);
    assertThat(rows).extracting(BenchRow::algorithm).containsOnly(collective.label());
    assertThat(rows.getLast().busBandwidth()).isEqualTo(rows.getLast().algorithmBandwidth());
  }

  @Test
  void shouldRefuseToAverageInAWindow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(BenchCollective.ACCUMULATE, ReduceOp.AVG))
        .withMessage("accumulate knows sum, prod, min and max, not avg");
  }
}
