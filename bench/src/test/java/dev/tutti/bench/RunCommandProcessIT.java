package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/// The command line of `tutti run`, in a process of its own.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class RunCommandProcessIT {
  private record Outcome(int exitCode, String stdout, String stderr) {}

  /// Stands for `tutti run`.
  public static void main(String[] args) {
    System.exit(new CommandLine(new RunCommand()).execute(args));
  }

  private static Outcome run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(RunCommandProcessIT.class.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    process.getOutputStream().write("typed\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    // A few lines each: neither pipe fills up.
    String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String stderr = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), stdout, stderr);
  }

  @Test
  void shouldTagOutputAndPassArgumentsThrough() throws Exception {
    Outcome outcome =
        run("--ranks", "2", "--env", "A=1", "sh", "-c", "echo $A --ranks; cat; echo err >&2");

    assertThat(outcome.exitCode).isZero();
    assertThat(outcome.stdout.lines())
        .containsExactlyInAnyOrder("[0] 1 --ranks", "[1] 1 --ranks", "[0] typed");
    assertThat(outcome.stderr.lines()).containsExactlyInAnyOrder("[0] err", "[1] err");
  }

  @Test
  void shouldReportFailureAndItsExitCode() throws Exception {
    Outcome outcome = run("-n", "1", "--no-prefix", "--grace", "0.1", "--", "sh", "-c", "exit 9");

    assertThat(outcome).isEqualTo(new Outcome(9, "", "tutti run: rank 0 ended with exit code 9\n"));
  }

  @Test
  void shouldLetTheOthersRunOnWhenAskedTo() throws Exception {
    String script = "[ $TUTTI_RANK = 0 ] && exit 9; sleep 0.5; echo $TUTTI_RANK is done";

    Outcome outcome =
        run("-n", "3", "--keep-going", "--grace", "0.1", "--no-prefix", "sh", "-c", script);

    assertThat(outcome.exitCode).isZero();
    assertThat(outcome.stdout.lines()).containsExactlyInAnyOrder("1 is done", "2 is done");
    assertThat(outcome.stderr).isEqualTo("tutti run: rank 0 ended with exit code 9\n");
    assertThat(run("-n", "2", "--keep-going", "sh", "-c", "exit 7").exitCode).isEqualTo(7);
  }

  @Test
  void shouldExplainUsageErrorsAndMissingCommands() throws Exception {
    Outcome none = run("-n", "0", "true");
    Outcome missing = run("-n", "1", "no-such-command");

    assertThat(none.exitCode).isEqualTo(2);
    assertThat(none.stderr).startsWith("--ranks must be at least 1, is 0");
    assertThat(missing.exitCode).isEqualTo(127);
    assertThat(missing.stderr).contains("no-such-command").contains("No such file or directory");
  }

  @Test
  void shouldDescribeItself() {
    String usage = new CommandLine(new RunCommand()).getUsageMessage(CommandLine.Help.Ansi.OFF);

    assertThat(usage)
        .contains("Examples:", "Exit codes:", "--ranks", "--no-prefix", "--grace", "--env")
        .contains("128+S");
  }
}
