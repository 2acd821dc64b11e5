package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.bench.TuttiProcess.Outcome;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.BenchWorkerMain;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.measure.RowFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `tutti bench` with real ranks. Times are tiny: what is checked is that it works, not how fast.
@Timeout(value = 150, unit = TimeUnit.SECONDS)
final class BenchProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private @Nullable Process longRun;

  @AfterEach
  void endLongRun() {
    if (longRun != null) {
      longRun.destroyForcibly(); // its watchdog ends the ranks
    }
  }

  private List<BenchRow> rows(String... arguments) throws IOException, InterruptedException {
    Outcome outcome = TuttiProcess.run(folder, arguments);

    assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
    List<BenchRow> rows =
        outcome.lines().stream().map(RowFormat::read).filter(Objects::nonNull).toList();
    assertThat(outcome.lines()).hasSameSizeAs(rows);
    assertThat(rows).isNotEmpty();
    return rows;
  }

  @Test
  void shouldMeasureProcesses() throws Exception {
    List<BenchRow> rows =
        rows(
            "bench",
            "all-reduce",
            "--ranks",
            "2",
            "-b",
            "4",
            "-e",
            "64K",
            "-f",
            "128",
            "--time",
            "0.002",
            "--buffers",
            "foreign,huge-pages,registered",
            "--format",
            "json");

    assertThat(rows).hasSize(3 * 2 * 3);
    assertThat(rows).extracting(BenchRow::wrong).containsOnly(0L);
    assertThat(rows).extracting(BenchRow::ranks).containsOnly(2);
    assertThat(rows).extracting(BenchRow::mode).containsOnly(RankMode.PROCESSES);
    assertThat(rows).extracting(BenchRow::transport).containsOnly("shm");
    assertThat(rows).extracting(BenchRow::kind).contains(BufferKind.values());
    assertThat(rows).extracting(BenchRow::bytes).contains(4L, 512L, 65536L);
    assertThat(rows).allMatch(row -> row.minMicros() <= row.p50Micros());
    assertThat(rows).allMatch(row -> row.p50Micros() <= row.p99Micros());
    assertThat(rows).allMatch(row -> row.minMicros() > 0 && row.limitMicros() > 0);
    assertThat(rows).noneMatch(row -> row.algorithm().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"broadcast", "all-gather", "reduce-scatter", "send-recv"})
  void shouldMeasureEveryCollectiveAmongThreads(String collective) throws Exception {
    List<BenchRow> rows =
        rows(
            "bench",
            collective,
            "--ranks",
            "3",
            "--threads",
            "-b",
            "64",
            "-e",
            "64K",
            "-f",
            "64",
            "--time",
            "0.001",
            "--format",
            "json",
            "--prepared",
            "-r",
            "1");

    assertThat(rows).extracting(BenchRow::wrong).containsOnly(0L);
    assertThat(rows).extracting(BenchRow::collective).containsOnly(collective);
    assertThat(rows).extracting(BenchRow::placement).contains(Placement.values());
    assertThat(rows).extracting(BenchRow::transport).containsOnly("inproc");
  }

  @Test
  void shouldCheckEveryTypeAndOperator() throws Exception {
    List<BenchRow> rows =
        rows(
            "bench",
            "all-reduce",
            "--ranks",
            "2",
            "--threads",
            "-b",
            "320",
            "-e",
            "320",
            "-d",
            "all",
            "-o",
            "all",
            "-n",
            "5",
            "--time",
            "0.0001",
            "--format",
            "json");

    assertThat(rows).hasSize(12 * 5 * 2);
    assertThat(rows).filteredOn(row -> row.wrong() != 0).isEmpty();
  }

  @Test
  void shouldMeasureABarrierAndRepeat() throws Exception {
    Path output = folder.resolve("rows.csv");

    Outcome outcome =
        TuttiProcess.run(
            folder,
            "bench",
            "barrier",
            "--ranks",
            "2",
            "--time",
            "0.001",
            "--repeat",
            "2",
            "--output",
            output.toString());

    assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
    assertThat(outcome.lines()).filteredOn(line -> !line.startsWith("#")).hasSize(1);
    assertThat(outcome.stdout())
        .contains("medians of 2 launches", "# wrong elements:        not checked");
    // names, both launches, and the medians
    assertThat(TuttiProcess.read(output).lines()).hasSize(4);
  }

  @Test
  void shouldRefuseWhatDoesNotExist() throws Exception {
    Outcome flag = TuttiProcess.run(folder, "bench", "all-reduce", "--no-such-flag");
    Outcome algorithm =
        TuttiProcess.run(
            folder, "bench", "all-reduce", "--ranks", "2", "-e", "4", "--algorithm", "no-such");
    Outcome transport =
        TuttiProcess.run(
            folder, "bench", "all-reduce", "--ranks", "2", "-e", "4", "--transport", "pigeon");

    assertThat(flag.exitCode()).isEqualTo(2);
    assertThat(flag.stderr()).contains("'--no-such-flag'", "Try 'tutti bench --help'.");
    assertThat(algorithm.exitCode()).isEqualTo(2);
    assertThat(algorithm.stderr()).contains("no-such");
    assertThat(transport.exitCode()).isEqualTo(2);
    assertThat(transport.stderr()).contains("pigeon");
  }

  @Test
  void shouldReportARankThatDies() throws Exception {
    Path stderr = folder.resolve("err.txt");
    Process process = startLongRun(folder.resolve("out.txt"), stderr);
    List<ProcessHandle> workers = awaitRows(process, folder.resolve("out.txt"));

    workers.getLast().destroyForcibly();

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(6);
    assertThat(TuttiProcess.read(stderr)).contains("was killed by signal 9");
    awaitNothingLeft(workers);
  }

  @Test
  void shouldLeaveNothingBehindWhenTerminated() throws Exception {
    Path stdout = folder.resolve("out.txt");
    Process process = startLongRun(stdout, folder.resolve("err.txt"));
    List<ProcessHandle> workers = awaitRows(process, stdout);

    process.destroy(); // SIGTERM; Ctrl-C takes the same way

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 15);
    awaitNothingLeft(workers);
  }

  private Process startLongRun(Path stdout, Path stderr) throws IOException {
    Process process =
        TuttiProcess.start(
            stdout,
            stderr,
            "bench",
            "all-reduce",
            "--ranks",
            "2",
            "-b",
            "4",
            "-e",
            "4K",
            "-i",
            "4",
            "--time",
            "0.02",
            "--format",
            "csv");
    longRun = process;
    return process;
  }

  /// Waits until rows come and returns the workers.
  private static List<ProcessHandle> awaitRows(Process process, Path stdout) {
    await()
        .atMost(PATIENCE)
        .until(() -> TuttiProcess.read(stdout).lines().count() > 2 || !process.isAlive());
    List<ProcessHandle> workers = TuttiProcess.descendants(process, BenchWorkerMain.COMMAND);
    assertThat(workers).hasSize(2);
    return workers;
  }

  private static void awaitNothingLeft(List<ProcessHandle> workers) throws IOException {
    await().atMost(PATIENCE).until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    assertThat(TuttiProcess.sharedMemoryFiles()).isEmpty();
  }
}
