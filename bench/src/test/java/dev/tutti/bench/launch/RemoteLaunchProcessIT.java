package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.tutti.bench.Tutti;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `tutti run --hosts` through a real sshd. Both hosts are this one under two names.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RemoteLaunchProcessIT {
  @TempDir private static Path keys;

  private static Sshd sshd;

  @TempDir private Path directory;

  private record Outcome(int exitCode, List<String> stdout, String stderr) {}

  @BeforeAll
  static void startSshd() throws Exception {
    sshd = Sshd.startOrSkip(keys);
  }

  @AfterAll
  static void stopSshd() throws Exception {
    if (sshd != null) {
      sshd.close();
    }
  }

  private Process start(String ssh, String hosts, List<String> command) throws IOException {
    List<String> line =
        Programs.java(
            Tutti.class, List.of(), "run", "--grace", "0.3", "--ssh", ssh, "--hosts", hosts, "--");
    List<String> whole = new ArrayList<>(line);
    whole.addAll(command);
    return new ProcessBuilder(whole)
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private Outcome run(String ssh, String hosts, List<String> command) throws Exception {
    Process process = start(ssh, hosts, command);
    try {
      assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(
        process.exitValue(),
        Files.readString(directory.resolve("out")).lines().sorted().toList(),
        Files.readString(directory.resolve("err")));
  }

  private static List<String> shell(String script) {
    return List.of("sh", "-c", script);
  }

  /// A number of seconds that no other process sleeps, to recognise ours by.
  private static String marker(int number) {
    return "2" + ProcessHandle.current().pid() + "." + number;
  }

  private Process startSleepers(String marker) throws IOException {
    Process launcher =
        start(
            sshd.command(),
            "localhost:1,127.0.0.1:1",
            shell("setsid sleep " + marker + " & echo up; sleep " + marker));
    await()
        .until(() ->
            Files.readString(directory.resolve("out")).lines().filter(l -> l.endsWith("up")).count()
                == 2);
    assertThat(Programs.runs(marker)).isTrue();
    return launcher;
  }

  @Test
  void shouldFormOneWorldOfRanksOnTwoHosts() throws Exception {
    Outcome outcome =
        run(sshd.command(), "localhost:2,127.0.0.1:1", Programs.java(JoinMain.class, List.of()));

    assertThat(outcome.exitCode).as(outcome.stderr).isZero();
    assertThat(outcome.stdout)
        .containsExactly(
            "[0] rank 0 of 3 sum 6.0", "[1] rank 1 of 3 sum 6.0", "[2] rank 2 of 3 sum 6.0");
  }

  @Test
  void shouldTellRanksWhoTheyAreAndKeepTheSecretOffEveryCommandLine() throws Exception {
    Outcome outcome =
        run(
            sshd.command(),
            "localhost:1,127.0.0.1:2",
            shell(
                "echo $TUTTI_RANK/$TUTTI_SIZE $TUTTI_LOCAL_RANK/$TUTTI_LOCAL_SIZE ${#TUTTI_SECRET}"
                    + " $PWD; printf %s \"$TUTTI_SECRET\" | grep -lsaFf - /proc/[0-9]*/cmdline;"
                    + " echo err >&2; exit 0"));

    String here = Path.of("").toRealPath().toString();
    assertThat(outcome.exitCode).as(outcome.stderr).isZero();
    assertThat(outcome.stdout)
        .containsExactly(
            "[0] 0/3 0/1 64 " + here, "[1] 1/3 0/2 64 " + here, "[2] 2/3 1/2 64 " + here);
    assertThat(outcome.stderr.lines()).containsExactlyInAnyOrder("[0] err", "[1] err", "[2] err");
  }

  @Test
  void shouldStartMoreRanksOnAHostThanSshdTakesAtOnce() throws Exception {
    Outcome outcome = run(sshd.command(), "127.0.0.1:12", shell("echo $TUTTI_LOCAL_RANK"));

    assertThat(outcome.exitCode).as(outcome.stderr).isZero();
    assertThat(outcome.stdout).hasSize(12);
  }

  @Test
  void shouldReturnTheFirstExitCodeAndEndTheRest() throws Exception {
    Outcome outcome =
        run(
            sshd.command(),
            "localhost:1,127.0.0.1:2",
            shell("[ $TUTTI_RANK = 1 ] && exit 7; sleep " + marker(1)));

    assertThat(outcome.exitCode).isEqualTo(7);
    assertThat(outcome.stderr)
        .isEqualTo("tutti run: rank 1 ended with exit code 7 on host 127.0.0.1\n");
    assertThat(Programs.runs(marker(1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void shouldLeaveNoProcessWhenInterrupted(String signal) throws Exception {
    assumeFalse(
        signal.equals("INT") && ignoresInterrupts(),
        "a shell that starts this in the background has it ignore SIGINT, and so do children");
    Process launcher = startSleepers(marker(2));

    new ProcessBuilder("kill", "-" + signal, Long.toString(launcher.pid())).start().waitFor();

    assertThat(launcher.waitFor()).isEqualTo(signal.equals("INT") ? 130 : 143);
    assertThat(Programs.runs(marker(2))).isFalse();
  }

  private static boolean ignoresInterrupts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> 1 & 1) == 1);
  }

  @Test
  void shouldLeaveNoProcessWhenKilled() throws Exception {
    Process launcher = startSleepers(marker(3));

    launcher.destroyForcibly().waitFor();

    await().until(() -> !Programs.runs(marker(3)));
  }

  @Test
  void shouldLeaveNoProcessWhenTheConnectionBreaks() throws Exception {
    Process launcher = startSleepers(marker(4));

    sshd.cut();

    assertThat(launcher.waitFor()).isEqualTo(255);
    assertThat(directory.resolve("err"))
        .content()
        .contains("ended with exit code 255 on host ")
        .contains(", or the connection to the host was lost");
    await().until(() -> !Programs.runs(marker(4)));
  }

  @Test
  void shouldNameTheHostThatCannotBeReached() throws Exception {
    int nobody = Programs.freePort();

    Outcome refused = run("ssh -F none -p " + nobody, "127.0.0.1:2", shell("true"));
    Outcome stranger = run(sshd.command(), "localhost,no-such-host.invalid", shell("sleep 300"));

    assertThat(refused.exitCode).isEqualTo(255);
    assertThat(refused.stderr)
        .matches(
            "tutti run: rank [01] could not be started on host 127.0.0.1: ssh: connect to host"
                + " 127.0.0.1 port "
                + nobody
                + ": Connection refused\n");
    assertThat(stranger.exitCode).isEqualTo(255);
    assertThat(stranger.stderr)
        .startsWith(
            "tutti run: rank 1 could not be started on host no-such-host.invalid: ssh: Could"
                + " not resolve hostname");
  }
}
