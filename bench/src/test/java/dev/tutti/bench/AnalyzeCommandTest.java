package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.analyze.Dumps;
import dev.tutti.collectives.record.DumpFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class AnalyzeCommandTest {
  @TempDir Path folder;

  private record Outcome(int exitCode, String out, String err) {}

  private static Outcome analyze(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        new CommandLine(new AnalyzeCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    return new Outcome(command.execute(words), out.toString(), err.toString());
  }

  private void twoRanks() throws IOException {
    Path _ = DumpFile.write(Dumps.rank(0, 2).completed(5).dump(), folder);
    Path _ = DumpFile.write(Dumps.rank(1, 2).completed(5).dump(), folder);
  }

  @Test
  void shouldReadAFolder() throws IOException {
    twoRanks();

    Outcome outcome = analyze(folder);

    assertThat(outcome.exitCode).isZero();
    assertThat(outcome.out)
        .startsWith("world: 2 ranks over shm, dumps of 2")
        .contains("CONSISTENT  all consistent");
    assertThat(outcome.err).isEmpty();
  }

  @Test
  void shouldBlameInWordsAndInJson() throws IOException {
    Path file = DumpFile.write(Dumps.rank(0, 2).in("barrier").waitsFor(1, 60).dump(), folder);

    Outcome text = analyze("--color", "never", file);
    Outcome json = analyze("--format", "json", file);

    assertThat(text.exitCode).isEqualTo(7);
    assertThat(text.out)
        .contains("  MISSING  rank 1 is missing")
        .contains(
            "rank 0 (pid 100 on host): 1 collectives entered, in operation 0 (barrier),"
                + " waiting for rank 1 for 60.00 s");
    assertThat(json.exitCode).isEqualTo(7);
    assertThat(json.out)
        .startsWith("{\"schema\":\"tutti-analysis/1\",\"communicators\":[{")
        .contains("\"verdict\":\"missing\",\"ranks\":[1],\"operation\":0,\"text\":\"rank 1 is")
        .contains("\"problems\":[]");
  }

  @Test
  void shouldNameFilesThatAreNoDumpsAndUseTheOthers() throws IOException {
    twoRanks();
    Path broken = folder.resolve("broken.json");
    String good = Files.readString(folder.resolve("tutti-world-rank0of2-100.json"));
    Files.writeString(broken, good.substring(0, good.length() / 2));
    Files.writeString(folder.resolve("foreign.json"), "{\"name\": \"package\"}");

    Outcome outcome = analyze(folder, folder.resolve("absent.json"));

    assertThat(outcome.exitCode).isZero();
    assertThat(outcome.err)
        .contains(broken + ": line ", "expected well-formed JSON")
        .contains("foreign.json: the document has no \"schema\"")
        .contains("absent.json: does not exist");
    assertThat(outcome.out).contains("CONSISTENT");
  }

  @Test
  void shouldFailWhenThereIsNoDump() {
    Outcome outcome = analyze(folder);

    assertThat(outcome.exitCode).isEqualTo(2);
    assertThat(outcome.err).contains(folder + ": holds no file *.json, expected dumps");
    assertThat(analyze().exitCode).isEqualTo(2);
  }
}
