package dev.tutti.bench.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Recordings that `tutti validate --output` made on a machine of 2 cores, beside what the
/// simulator predicts from their profiles alone. docs/simulator.md has the table and says how to
/// take them again.
final class ValidationTest {
  private static final double MEAN = 0.10;

  // Where TCP loses packets, single rows are further off.
  private static final double GREATEST = 0.35;

  @ParameterizedTest
  @ValueSource(strings = {"uniform"})
  void shouldPredictShapedNetworkWithinTenPercentOnAverage(String name) throws IOException {
    Recording recording = recording(name);

    List<ComparedRow> rows = fromOneMebibyte(Validation.of(recording));

    assertThat(rows).hasSizeGreaterThanOrEqualTo(12);
    assertThat(rows).allSatisfy(row -> assertThat(row.error()).isNotNull());
    assertThat(Validation.meanAbsoluteError(rows)).isLessThanOrEqualTo(MEAN);
    assertThat(errors(rows)).allSatisfy(error -> assertThat(error).isLessThanOrEqualTo(GREATEST));
  }

  @Test
  void shouldGiveBackRecordingWhenItIsWrittenAndRead() throws IOException {
    Recording recording = recording("uniform");

    Recording read = RecordingFile.read("copy", RecordingFile.text(recording));

    assertThat(read).isEqualTo(recording);
  }

  @Test
  void shouldNameLineWhenRowIsBroken() throws IOException {
    String text = RecordingFile.text(recording("uniform"));
    String broken =
        text.replaceFirst("\"interpreted\",\"bytes\":65536", "\"interpreted\",\"bytes\":\"many\"");

    assertThatThrownBy(() -> RecordingFile.read("lab.jsonl", broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("lab.jsonl, line 3: 'bytes' is many, expected a number");
  }

  @Test
  void shouldSayWhatIsExpectedWhenFileIsNoRecording() {
    assertThatThrownBy(() -> RecordingFile.read("notes.txt", "hello"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("notes.txt is no recording, expected what 'tutti validate --output' writes");
  }

  private static List<ComparedRow> fromOneMebibyte(List<ComparedRow> rows) {
    return rows.stream().filter(row -> row.measured().bytes() > 1_000_000).toList();
  }

  private static Stream<Double> errors(List<ComparedRow> rows) {
    return rows.stream().map(ComparedRow::error).filter(Objects::nonNull).map(Math::abs);
  }

  private static Recording recording(String name) throws IOException {
    try (InputStream in =
        ValidationTest.class.getResourceAsStream("/validate/" + name + ".jsonl")) {
      assertThat(in).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return RecordingFile.read(name, text);
    }
  }
}
