package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class LauncherProcessIT {
  @TempDir private Path directory;

  private final List<String> output = new CopyOnWriteArrayList<>();

  private Launcher.Builder shell(int ranks, String script) {
    return Launcher.builder(ranks, List.of("sh", "-c", script))
        .output((rank, source, line) ->
            output.add(rank + " " + source + " " + new String(line, StandardCharsets.UTF_8)))
        .failureGrace(Duration.ofMillis(200))
        .terminationGrace(Duration.ofMillis(500));
  }

  private static List<String> java(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean runs(String marker) {
    return ProcessHandle.allProcesses()
        .anyMatch(process ->
            process
                .info()
                .arguments()
                .map(arguments -> List.of(arguments).contains(marker))
                .orElse(false));
  }

  /// A number of seconds that no other process sleeps, to recognise ours by.
  private static String marker(int number) {
    return "1" + ProcessHandle.current().pid() + "." + number;
  }

  @Test
  void shouldTellRanksWhoTheyAre() throws Exception {
    LaunchResult result =
        shell(
                3,
                "echo $TUTTI_RANK/$TUTTI_SIZE $TUTTI_LOCAL_RANK/$TUTTI_LOCAL_SIZE $TUTTI_SERVED"
                    + " ${#TUTTI_SECRET} $EXTRA; printf partial >&2; read line || echo eof")
            .environment(Map.of("EXTRA", "x"))
            .run();

    assertThat(result).isEqualTo(new LaunchResult(0, -1, List.of(0, 0, 0)));
    assertThat(output)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 3)
                .boxed()
                .flatMap(r ->
                    List.of(
                        r + " STDOUT " + r + "/3 " + r + "/3 launcher 64 x",
                        r + " STDOUT eof",
                        r + " STDERR partial")
                        .stream())
                .toList());
  }

  @Test
  void shouldReturnFirstExitCodeAndEndTheRest() throws Exception {
    List<String> diagnostics = new CopyOnWriteArrayList<>();
    long start = System.nanoTime();

    LaunchResult result =
        shell(3, "[ $TUTTI_RANK = 1 ] && exit 7; exec sleep " + marker(1))
            .diagnostics(diagnostics::add)
            .run();

    assertThat(result).isEqualTo(new LaunchResult(7, 1, List.of(143, 7, 143)));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(diagnostics).containsExactly("rank 1 ended with exit code 7");
    assertThat(runs(marker(1))).isFalse();
  }

  @Test
  void shouldReportSignalsAndKillRanksThatIgnoreTerm() throws Exception {
    List<String> diagnostics = new CopyOnWriteArrayList<>();

    LaunchResult result =
        shell(
                2,
                "[ $TUTTI_RANK = 0 ] && kill -SEGV $$; trap '' TERM; while :; do sleep "
                    + marker(2)
                    + "; done")
            .diagnostics(diagnostics::add)
            .run();

    assertThat(result).isEqualTo(new LaunchResult(139, 0, List.of(139, 137)));
    assertThat(diagnostics).containsExactly("rank 0 was killed by signal 11");
    assertThat(runs(marker(2))).isFalse();
  }

  @Test
  void shouldEndWhatRanksLeftInTheBackground() throws Exception {
    LaunchResult result = shell(2, "sleep " + marker(3) + " & exit 0").run();

    assertThat(result.exitCode()).isZero();
    assertThat(runs(marker(3))).isFalse();
  }

  @Test
  void shouldGiveSurvivorsTimeToReport() throws Exception {
    LaunchResult result =
        shell(2, "[ $TUTTI_RANK = 0 ] && exit 5; sleep 0.2; echo saw it; exit 6")
            .failureGrace(Duration.ofSeconds(10))
            .run();

    assertThat(result).isEqualTo(new LaunchResult(5, 0, List.of(5, 6)));
    assertThat(output).containsExactly("1 STDOUT saw it");
  }

  @Test
  void shouldExplainCommandThatCannotBeStarted() {
    assertThatThrownBy(() -> Launcher.builder(2, List.of("/no/such/program")).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/no/such/program")
        .hasMessageContaining("No such file or directory");
  }

  @Test
  void shouldServeTheRendezvousOfJavaRanks() throws Exception {
    LaunchResult result =
        Launcher.builder(3, java(RankMain.class, "leave"))
            .output((rank, _, line) ->
                output.add(rank + " " + new String(line, StandardCharsets.UTF_8)))
            .run();

    assertThat(result.exitCode()).isZero();
    assertThat(output).containsExactlyInAnyOrder("0 sum 3", "1 sum 3", "2 sum 3");
  }

  @Test
  void shouldTellJavaRanksOfKilledPeer() throws Exception {
    LaunchResult result =
        Launcher.builder(3, java(RankMain.class, "die"))
            .failureGrace(Duration.ofSeconds(10))
            .output((rank, _, line) ->
                output.add(rank + " " + new String(line, StandardCharsets.UTF_8)))
            .run();

    assertThat(result.exitCodes()).containsExactly(6, 6, 137);
    assertThat(output).containsExactlyInAnyOrder("0 failed 2", "1 failed 2");
  }

  @Test
  void shouldLeaveNoProcessWhenTerminated() throws Exception {
    Process launcher = startLauncher(marker(4));

    launcher.destroy();

    assertThat(launcher.waitFor()).isEqualTo(143);
    assertThat(runs(marker(4))).isFalse();
  }

  @Test
  void shouldLeaveNoProcessWhenKilled() throws Exception {
    Process launcher = startLauncher(marker(5));

    launcher.destroyForcibly().waitFor();

    await().until(() -> !runs(marker(5)));
  }

  /// Starts a launcher of two ranks, each a shell with a child and an orphaned grandchild.
  private Process startLauncher(String marker) throws IOException {
    String script = "sh -c 'sleep " + marker + " & echo up'; sleep " + marker + "; true";
    Path log = directory.resolve("launcher.log");
    Process launcher =
        new ProcessBuilder(java(LauncherMain.class, "2", "sh", "-c", script))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await().until(() -> Files.readString(log).lines().filter(l -> l.endsWith("up")).count() == 2);
    assertThat(runs(marker)).isTrue();
    return launcher;
  }
}
