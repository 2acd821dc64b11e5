package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class VerifyCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine command = Tutti.commandLine(arguments);
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    command
        .getSubcommands()
        .values()
        .forEach(
            each -> each.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)));
    return command.execute(arguments);
  }

  /// Returns what `tutti schedule` prints.
  private String schedule(String format) {
    int code = run("schedule", "--collective", "all-reduce", "--ranks", "4", "--format", format);
    assertThat(code).as(err.toString()).isZero();
    String text = out.toString();
    out.getBuffer().setLength(0);
    return text;
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "json"})
  void shouldProveWhatScheduleWrites(String format) throws Exception {
    Path file = Files.writeString(folder.resolve("schedule"), schedule(format));

    int code = run("verify", file.toString());

    assertThat(code).isZero();
    assertThat(out.toString()).contains("all-reduce on 4 ranks");
  }

  @Test
  void shouldReadStandardInput() {
    InputStream before = System.in;
    byte[] text = schedule("text").getBytes(StandardCharsets.UTF_8);
    System.setIn(new ByteArrayInputStream(text));
    try {
      assertThat(run("verify", "-")).isZero();
    } finally {
      System.setIn(before);
    }
    assertThat(out.toString()).contains("all-reduce on 4 ranks");
  }

  @Test
  void shouldSayWhatIsWrongWithASchedule() throws Exception {
    String broken = schedule("text").replaceFirst("(?m)^.*send.*$\\R", "");
    Path file = Files.writeString(folder.resolve("broken.txt"), broken);

    int code = run("verify", file.toString());

    assertThat(code).isEqualTo(3);
    assertThat(out.toString()).contains("rank ");
  }

  @Test
  void shouldNameWhatItCannotRead() throws Exception {
    Path file = Files.writeString(folder.resolve("nonsense.txt"), "nonsense");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});

    assertThat(run("verify", folder.resolve("none").toString())).isEqualTo(2);
    assertThat(run("verify", file.toString())).isEqualTo(2);
    assertThat(run("verify", binary.toString())).isEqualTo(2);

    assertThat(err.toString())
        .contains("there is no file ")
        .contains("nonsense.txt: ")
        .contains("binary: is not text in UTF-8");
  }
}
