package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutputPumpTest {
  private static List<String> lines(String input) {
    List<String> result = new ArrayList<>();
    pump(input, (_, _, line) -> result.add(new String(line, StandardCharsets.UTF_8)));
    return result;
  }

  private static void pump(String input, LineSink sink) {
    byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
    new OutputPump(3, LineSink.Source.STDERR, new ByteArrayInputStream(bytes), sink).run();
  }

  @Test
  void shouldCutLinesAndKeepPartialLastLine() {
    assertThat(lines("one\n\ntwö\r\nlast")).containsExactly("one", "", "twö\r", "last");
    assertThat(lines("")).isEmpty();
    assertThat(lines("\n")).containsExactly("");
  }

  @Test
  void shouldKeepLinesThatSpanReads() {
    String line = "x".repeat(20_000);

    assertThat(lines(line + "\n" + line)).containsExactly(line, line);
  }

  @Test
  void shouldCutEndlessLines() {
    List<String> pieces = lines("x".repeat(3 * OutputPump.MAX_LINE_BYTES));

    assertThat(pieces).hasSize(3);
    assertThat(String.join("", pieces)).hasSize(3 * OutputPump.MAX_LINE_BYTES);
  }

  @Test
  void shouldWriteTagAndLineFeed() {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    pump("a\nb", LineSink.tagged(stdout, stderr));
    pump("c", LineSink.plain(stdout, stderr));

    assertThat(stderr).hasToString("[3] a\n[3] b\nc\n");
    assertThat(stdout.size()).isZero();
  }

  @Test
  void shouldStopWhenNobodyReads() {
    List<String> taken = new ArrayList<>();

    pump(
        "a\nb\nc\n",
        (_, _, line) -> {
          if (taken.size() == 1) {
            throw new IOException("Broken pipe");
          }
          taken.add(new String(line, StandardCharsets.UTF_8));
        });

    assertThat(taken).containsExactly("a");
  }
}
