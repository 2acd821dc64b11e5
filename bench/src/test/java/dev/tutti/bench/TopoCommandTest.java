package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.format.TopologyJson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class TopoCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;

  private int run(String... args) {
    CommandLine command = Tutti.commandLine(args);
    redirect(command);
    return command.execute(args);
  }

  private void redirect(CommandLine command) {
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    command.getSubcommands().values().forEach(this::redirect);
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void shouldShowAPresetAsAnOutline() {
    int code = run("topo", "show", "--preset", "hgx-h800", "--hosts", "3");

    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("hgx-h800 x 3: ")
        .contains("host 0 ... host 2 (3 alike)")
        .contains("NVSwitch 2 50 GB/s")
        .contains("limit: all-gather and reduce-scatter at most ")
        .contains("limit: all-reduce at most ");
  }

  @Test
  void shouldShowThisMachine() {
    int code = run("topo", "show", "--format", "json");

    assertThat(code).isZero();
    assertThat(TopologyJson.parse("live", out.toString()).nodes()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "dot", "graphml", "mermaid", "svg", "png", "html", "nccl-xml"})
  void shouldExportEveryFormat(String format) throws Exception {
    Path target = folder.resolve("out." + format);

    int code = run("topo", "export", "--preset", "dgx-1", "--format", format, "-o", target + "");

    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.size(target)).isGreaterThan(1000);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(target);
    }
  }

  @Test
  void shouldReadWhatItWrote() {
    Path json = folder.resolve("a.json");
    run("topo", "export", "--preset", "ascend-910b", "--format", "json", "-o", json + "");

    int code = run("topo", "diff", "--preset", "ascend-910b", json.toString());

    assertThat(code).isZero();
    assertThat(out.toString()).contains("no difference");
  }

  @Test
  void shouldTellDifferences() {
    Path json = folder.resolve("a.json");
    run("topo", "export", "--preset", "hgx-h800", "--format", "json", "-o", json + "");

    int code = run("topo", "diff", "--preset", "hgx-h100", json.toString());

    assertThat(code).isEqualTo(3);
    assertThat(out.toString()).contains("lanes 2, was 5");
  }

  @Test
  void shouldWarnOfAOneSidedLink() throws Exception {
    Path json =
        file(
            "one.json",
            """
            {"format": "tutti-topology", "version": 1, "name": "x",
             "nodes": [{"id": "a", "kind": "device"}, {"id": "b", "kind": "device"}],
             "links": [{"from": "a", "to": "b", "kind": "nvlink"}]}
            """);

    int code = run("topo", "check", "--from", json.toString());

    assertThat(code).isEqualTo(3);
    assertThat(out.toString()).contains("a -> b: warning: ").contains("1 warnings");
  }

  @ParameterizedTest
  @ValueSource(strings = {"packed-trees", "nested-rings", "two-rings"})
  void shouldShowPlansThatLookAtTheTopology(String plan) throws Exception {
    Path page = folder.resolve("plan.html");

    int code =
        run(
            ("topo export --preset dgx-1 --bytes 1M --format html --plan " + plan + " -o " + page)
                .split(" "));

    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.readString(page)).contains(plan + " all-reduce, 1 MiB, predicted ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"html", "svg"})
  void shouldShowAPlan(String format) throws Exception {
    Path page = folder.resolve("plan." + format);

    int code =
        run(
            "topo",
            "export",
            "--preset",
            "dgx-1",
            "--plan",
            "ring",
            "--bytes",
            "1M",
            "--format",
            format,
            "-o",
            page.toString());

    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.readString(page)).contains("ring all-reduce, 1 MiB, predicted ");
  }

  @Test
  void shouldWriteATimeline() throws Exception {
    Path trace = folder.resolve("trace.json");

    int code =
        run(
            "topo",
            "export",
            "--preset",
            "dgx-1",
            "--plan",
            "hierarchical",
            "--format",
            "chrome-trace",
            "-o",
            trace.toString());

    assertThat(code).as(err.toString()).isZero();
    assertThat(Files.readString(trace)).contains("traceEvents");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "show --preset dgx-2 | no preset 'dgx-2'; there are [dgx-1",
        "show --preset dgx-1 --hosts 0 | hosts is 0, expected 1 to",
        "show --hosts 3 | need --preset",
        "show --preset dgx-1 --from x | --from and --preset exclude each other",
        "show --from /nowhere/x.json | cannot read /nowhere/x.json",
        "export --preset dgx-1 --format gif | no format 'gif' to write; there are [json, ",
        "export --preset dgx-1 --format dot --plan ring | --plan is for svg, png, html and chrome-trace",
        "export --preset dgx-1 --format html --plan rong | no all-reduce by 'rong'; there are",
        "export --preset dgx-1 --format chrome-trace | name one with --plan",
        "export --preset dgx-1 --format svg --host x | --host is for nccl-xml, not for svg",
        "export --preset dgx-1 --format svg -o /nowhere/a.svg | there is no folder /nowhere",
      })
  void shouldExplainWrongArguments(String line, String message) {
    int code = run(("topo " + line).split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void shouldNameThePlaceInAFileThatIsBroken() throws Exception {
    Path xml = file("t.xml", "<system version=\"1\">\n  <cpu numaid=\"0\">\n</system>\n");

    int code = run("topo", "check", "--from", xml.toString());

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(xml + ":3:");
  }
}
