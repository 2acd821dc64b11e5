package dev.tutti.bench.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RowFormat;
import dev.tutti.bench.measure.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SuiteFileTest {
  @TempDir private Path folder;

  private static BenchRow row(long bytes, double micros) {
    return Rows.row(bytes, Placement.OUT_OF_PLACE, micros);
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    Path file = folder.resolve("run.jsonl");
    SuiteRun run =
        new SuiteRun(
            "run.jsonl",
            "1",
            "tutti bench suite",
            "today",
            "machine",
            "java",
            1,
            List.of("barrier over ucx: the ranks failed", "all-gather over ucx: the same"),
            List.of(row(64, 1.5), row(1024, 2.5)));

    SuiteFile.write(run, file);

    assertThat(SuiteFile.read(file)).isEqualTo(run);
  }

  @Test
  void shouldReadWhatBenchPrints() throws IOException {
    BenchRow single = row(64, 1.5).withLaunch(1);
    BenchRow median = row(64, 2).withLaunch(0);
    Path file =
        Files.write(
            folder.resolve("bench.json"), List.of(RowFormat.json(single), RowFormat.json(median)));

    SuiteRun run = SuiteFile.read(file);

    assertThat(run.rows()).containsExactly(median);
    assertThat(run.machine()).isEmpty();
  }

  @Test
  void shouldNameTheLineThatIsNoMeasurement() throws IOException {
    Path file = Files.write(folder.resolve("a.jsonl"), List.of(RowFormat.json(row(64, 1)), "{}"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SuiteFile.read(file))
        .withMessageContaining("a.jsonl, line 2: expected a line that 'tutti bench");
  }

  @Test
  void shouldNameAFieldThatIsMissing() throws IOException {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"time_us_p50\": 1}\n");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SuiteFile.read(file))
        .withMessageContaining("a.jsonl, line 1 is no measurement of this version: ")
        .withMessageContaining("has no field collective");
  }

  @Test
  void shouldRefuseAFileWithoutMeasurements() throws IOException {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "\n");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SuiteFile.read(file))
        .withMessageContaining("has no measurement");
  }
}
