package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchSuiteCommandIT {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  @TempDir private Path folder;

  /// One collective goes, the other cannot over this transport.
  @Test
  void shouldMeasureWhatItCanAndSayWhatItCannot() throws Exception {
    Path page = folder.resolve("report.html");

    TuttiProcess.Outcome outcome =
        TuttiProcess.run(
            folder,
            "bench",
            "suite",
            "--quick",
            "--collectives=broadcast",
            "--transports=shm,nonsense",
            "-e",
            "4K",
            "-o",
            page.toString());

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.stderr()).contains("not measured: broadcast over nonsense");
    assertThat(Files.readAllLines(folder.resolve("report.jsonl"))).hasSize(1 + 2);
    assertThat(Files.readString(page))
        .contains("\"collective\":\"broadcast\"")
        .contains("broadcast over nonsense: the ranks failed");
    assertThat(rendered(page, outcome)).contains("data-ready=\"true\"").contains("<canvas");
  }

  /// Returns what a browser makes of the page.
  private String rendered(Path page, TuttiProcess.Outcome outcome) throws Exception {
    assumeTrue(Files.isExecutable(CHROMIUM), "the page is not opened: there is no " + CHROMIUM);
    Path out = folder.resolve("dom.html");
    Process browser =
        new ProcessBuilder(
                CHROMIUM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--dump-dom",
                page.toUri().toString())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(browser.waitFor(60, TimeUnit.SECONDS)).as(outcome.stderr()).isTrue();
    return Files.readString(out);
  }
}
