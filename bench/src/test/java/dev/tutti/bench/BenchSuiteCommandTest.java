package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RowFormat;
import dev.tutti.bench.measure.Rows;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class BenchSuiteCommandTest {
  @TempDir private Path folder;
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of("bench", "suite"));
    all.addAll(Arrays.asList(words));
    String[] arguments = all.toArray(String[]::new);
    CommandLine command = Tutti.commandLine(arguments);
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  @Test
  void shouldReportOnAnEarlierRunBesideAnother() throws Exception {
    Path before = folder.resolve("before.jsonl");
    Path after = folder.resolve("after.jsonl");
    Path page = folder.resolve("page.html");
    Files.writeString(before, RowFormat.json(Rows.row(64, Placement.OUT_OF_PLACE, 8)) + "\n");
    Files.writeString(after, RowFormat.json(Rows.row(64, Placement.OUT_OF_PLACE, 4)) + "\n");

    int code =
        run("--from", after.toString(), "--against", before.toString(), "-o", page.toString());

    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.readString(page))
        .contains("\"name\":\"after.jsonl\"")
        .contains("\"name\":\"before.jsonl\"")
        .contains("\"micros\":4.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--from none.jsonl | there is no file",
        "-o none/report.html | there is no folder",
        "--repeat 0 | --repeat must be at least 1",
        "--collectives all-red | all-red",
        "--ranks 1 --collectives send-recv | send-recv needs at least 2 ranks"
      })
  void shouldSayWhatIsWrong(String arguments, String message) {
    int code = run(arguments.replace("none", folder.resolve("none").toString()).split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }
}
