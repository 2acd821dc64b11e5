package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The shell at the other end, in the shells that call themselves `sh`.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class RemoteScriptTest {
  private static final String MARK = "script-test-" + ProcessHandle.current().pid() + ".";

  @TempDir private Path directory;

  private RemoteScript script(String... command) {
    return new RemoteScript(
        MARK,
        Map.of("PLAIN", "a b", "ODD", "it's $HOME\n\\n`x` \"q\" ü"),
        directory,
        List.of(command),
        Duration.ofMillis(300));
  }

  /// Starts what ssh would start: a login shell with the command line.
  private Process start(String shell, Path output) throws IOException {
    Path program = Path.of("/bin", shell);
    if (!Files.isExecutable(program)) {
      var _ = Programs.skip("there is no " + program);
    }
    String boot = RemoteScript.BOOT.replaceFirst("^sh", program.toString());
    return new ProcessBuilder(program.toString(), "-c", boot)
        .redirectOutput(output.toFile())
        .redirectErrorStream(true)
        .start();
  }

  private static void send(Process process, byte[] bytes) throws IOException {
    OutputStream out = process.getOutputStream();
    out.write(bytes);
    out.flush();
  }

  private static boolean marked() {
    return !new JobProcesses(MARK).running(List.of()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "bash", "busybox"})
  void shouldPassVariablesAndArgumentsUnchangedAndReturnTheExitCode(String shell) throws Exception {
    Path output = directory.resolve("out");
    Process process = start(shell, output);

    send(
        process,
        script("sh", "-c", "printf '%s|' \"$PLAIN\" \"$ODD\" \"$@\"; pwd; exit 7", "x", "1\n2", "'")
            .bytes());

    assertThat(process.waitFor()).isEqualTo(7);
    assertThat(output)
        .content()
        .isEqualTo(
            "\ntutti-ready\na b|it's $HOME\n\\n`x` \"q\" ü|1\n2|'|"
                + directory.toRealPath()
                + "\n");
    assertThat(marked()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "bash"})
  void shouldEndTheRankAndAllItStartedWhenTheInputEnds(String shell) throws Exception {
    Path output = directory.resolve("out");
    Process process = start(shell, output);
    send(
        process,
        script("sh", "-c", "setsid sleep 300 & (trap '' TERM; sleep 300) & echo up; sleep 300")
            .bytes());
    await().until(() -> Files.readString(output).contains("up"));
    assertThat(marked()).isTrue();

    process.getOutputStream().close();

    assertThat(process.waitFor()).isEqualTo(143);
    assertThat(marked()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "bash"})
  void shouldReportSignalsAndMissingCommands(String shell) throws Exception {
    Path output = directory.resolve("out");
    Process killed = start(shell, output);
    send(killed, script("sh", "-c", "sleep 300 & kill -KILL $$").bytes());
    assertThat(killed.waitFor()).isEqualTo(137); // its end kills all that carries the mark
    Process missing = start(shell, directory.resolve("missing"));
    send(missing, script("no-such-command").bytes());

    assertThat(missing.waitFor()).isEqualTo(127);
    assertThat(directory.resolve("missing")).content().contains("no-such-command");
    assertThat(marked()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dash", "bash"})
  void shouldRunNothingOfAScriptThatCameInPart(String shell) throws Exception {
    Path output = directory.resolve("out");
    Process process = start(shell, output);
    byte[] whole = script("sh", "-c", "echo ran").bytes();

    send(process, Arrays.copyOf(whole, whole.length - 2));
    process.getOutputStream().close();
    process.waitFor();

    assertThat(output).content().isEqualTo("\ntutti-ready\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A B", "1A", "A;x", ""})
  void shouldRefuseNamesThatAreNone(String name) {
    RemoteScript script =
        new RemoteScript(MARK, Map.of(name, "x"), directory, List.of("a"), Duration.ZERO);

    assertThatThrownBy(script::bytes)
        .hasMessage(
            "\"" + name + "\" is no name of a variable that a shell could set on another host");
  }
}
