package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.bench.TuttiProcess.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Jobs that go wrong, and what `tutti stat` and `tutti analyze` say of them.
@Timeout(120)
final class ObserveProcessIT {
  @TempDir Path folder;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  private Path dumps() {
    return folder.resolve("dumps");
  }

  /// Starts three ranks, and returns the standard output of the job.
  private Path start(String task) throws IOException {
    Path out = folder.resolve(task + ".out");
    started.add(
        TuttiProcess.start(
            out,
            folder.resolve(task + ".err"),
            "run",
            "--ranks",
            "3",
            "--env",
            "TUTTI_DUMP_DIRECTORY=" + dumps(),
            "--",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            ObservedRank.class.getName(),
            task));
    return out;
  }

  private static List<String> running(Path out) throws IOException {
    return TuttiProcess.read(out).lines().filter(line -> line.contains("running")).toList();
  }

  private static String processOf(int rank, List<String> running) {
    String line =
        running.stream().filter(l -> l.startsWith("[" + rank + "]")).findFirst().orElseThrow();
    return line.substring(line.lastIndexOf(' ') + 1);
  }

  private Outcome tutti(String... arguments) throws Exception {
    return TuttiProcess.run(folder, arguments);
  }

  private String shown(List<String> pids) throws Exception {
    Outcome stat = tutti("stat", "--interval", "0.3", pids.get(0), pids.get(1), pids.get(2));
    assertThat(stat.exitCode()).as(stat.stderr()).isZero();
    assertThat(stat.lines()).hasSize(4);
    assertThat(stat.lines().get(1)).contains(pids.get(0), "0/3", "world");
    return stat.stdout();
  }

  @Test
  void shouldShowRanksFromOutsideAndBlameTheKilledOne() throws Exception {
    Path out = start("forever");
    await().atMost(Duration.ofSeconds(40)).until(() -> running(out).size() == 3);
    List<String> pids = new ArrayList<>();
    for (int rank = 0; rank < 3; rank++) {
      pids.add(processOf(rank, running(out)));
    }

    // What a rank does is shown as it is just then, which may be nothing.
    await().atMost(Duration.ofSeconds(20)).until(() -> shown(pids).contains("all-reduce of 1000"));

    new ProcessBuilder("kill", "-KILL", pids.get(2)).start().waitFor();
    assertThat(started.getFirst().waitFor(20, TimeUnit.SECONDS)).isTrue();
    Outcome analysis = tutti("analyze", dumps().toString());

    assertThat(analysis.exitCode()).as(analysis.toString()).isEqualTo(7);
    assertThat(analysis.stdout())
        .contains("world: 3 ranks over shm, dumps of 2")
        .contains("MISSING  rank 2 is missing")
        .contains("rank 0 reports RankFailedException: rank 2 failed")
        .contains("rank 1 reports RankFailedException: rank 2 failed");
    assertThat(tutti("stat", pids.get(0)).exitCode()).isEqualTo(4);
  }

  @Test
  void shouldBlameTheRankThatCalledSomethingElse() throws Exception {
    start("mismatch");
    assertThat(started.getFirst().waitFor(60, TimeUnit.SECONDS)).isTrue();

    Outcome analysis = tutti("analyze", dumps().toString());

    assertThat(analysis.exitCode()).as(analysis.toString()).isEqualTo(7);
    assertThat(analysis.stdout())
        .contains("dumps of 3")
        .contains("MISMATCH  rank 1 called something else than the other ranks as operation ")
        .contains("ranks 0, 2 call all-reduce of 1000 FLOAT32 SUM as operation ")
        .contains("rank 1 calls all-reduce of 999 FLOAT32 SUM as operation ");
  }

  @Test
  void shouldBlameTheStoppedRankByDumpsFromOutside() throws Exception {
    Path out = start("forever");
    await().atMost(Duration.ofSeconds(40)).until(() -> running(out).size() == 3);
    List<String> running = running(out);
    String victim = processOf(1, running);
    String waiting = processOf(0, running);

    new ProcessBuilder("kill", "-STOP", victim).start().waitFor();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            tutti("stat", "--interval", "0.1", waiting).stdout().contains("waits for rank 1"));
    Outcome dump =
        tutti("stat", "--dump", dumps().toString(), waiting, victim, processOf(2, running));
    Outcome analysis = tutti("analyze", dumps().toString());

    assertThat(dump.lines()).hasSize(3);
    assertThat(analysis.exitCode()).as(analysis.toString()).isEqualTo(7);
    assertThat(analysis.stdout())
        .containsPattern("STUCK  rank 1 does not move|BEHIND  rank 1 is behind");
  }
}
