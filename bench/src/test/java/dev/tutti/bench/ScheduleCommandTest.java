package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import picocli.CommandLine;

final class ScheduleCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine command = Tutti.commandLine(args);
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));
    for (CommandLine sub : command.getSubcommands().values()) {
      sub.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    }
    return command.execute(args);
  }

  @Test
  void shouldPrintAndProve() {
    int code = run("schedule", "all-reduce", "--algorithm", "ring", "--ranks", "3");

    assertThat(code).isZero();
    assertThat(out.toString()).contains("recv-reduce-send");
    assertThat(err.toString()).contains("all-reduce on 3 ranks");
  }

  @Test
  void shouldPrintTheAllReduceForALateRank() {
    int code = run("schedule", "all-reduce", "--late", "1", "--ranks", "4");

    assertThat(code).isZero();
    assertThat(out.toString()).contains("recv-reduce-forward O0 = O0 + <1 >2 after 0.0");
    assertThat(run("schedule", "all-reduce", "--algorithm", "late-rank")).isEqualTo(2);
    assertThat(run("schedule", "broadcast", "--late", "1")).isEqualTo(2);
    assertThat(err.toString())
        .contains("late-rank needs the rank that comes last, for example --late 3")
        .contains("late-rank is an all-reduce, not a broadcast");
  }

  @Test
  void shouldRoundTripThroughFile(@TempDir Path directory) throws Exception {
    Path json = directory.resolve("schedule.json");
    run("schedule", "broadcast", "--ranks", "5", "--root", "3", "--format", "json");
    Files.writeString(json, out.toString());

    assertThat(run("schedule", "--file", json.toString(), "--format", "none")).isZero();
  }

  @Test
  void shouldReportDefects(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("schedule.txt");
    run("schedule", "all-reduce", "--algorithm", "ring", "--ranks", "2");
    String text = out.toString();
    Files.writeString(file, text.replaceFirst("(?m)^.*send.*$\\R", ""));

    int code = run("schedule", "--file", file.toString(), "--format", "none");

    assertThat(code).isEqualTo(3);
  }

  @Test
  void shouldDrawMessages() throws Exception {
    int code =
        run("schedule", "--collective", "all-gather", "--algorithm", "ring", "--format", "svg");

    assertThat(code).isZero();
    Document picture =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(out.toString())));
    assertThat(picture.getElementsByTagName("polygon").getLength()).isEqualTo(4 * 3);
    assertThat(out.toString())
        .contains("all-gather by ring: 4 ranks, 3 rounds, 12 messages")
        .contains("rank 3 to rank 0: chunk ");
  }

  @Test
  void shouldNotDrawMoreThanCanBeSeen() {
    assertThat(run("schedule", "all-gather", "--ranks", "65", "--format", "svg")).isEqualTo(2);
    assertThat(err.toString()).contains("a picture shows at most 64 ranks");
  }

  @Test
  void shouldExplainWrongArguments() {
    assertThat(run("schedule", "all-reduse")).isEqualTo(2);
    assertThat(run("schedule", "barrier", "--algorithm", "ring")).isEqualTo(2);
    assertThat(run("schedule")).isEqualTo(2);
    assertThat(err.toString())
        .contains("unknown collective 'all-reduse'")
        .contains("no barrier by 'ring'")
        .contains("missing a collective");
  }

  @Test
  void shouldProveHierarchicalAllReduceWhenGroupsAreGiven() {
    int code = run("schedule", "all-reduce", "--groups", "0,0,1,1");

    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("all-reduce ranks 4")
        .contains("partition even 4")
        .contains("rank 0 lane 0: recv-reduce O0 = I0 + <1");
    assertThat(err.toString()).contains("all-reduce on 4 ranks: valid");
  }

  @Test
  void shouldProveHierarchicalAllReduceOfUnequalGroupsInPieces() {
    int code =
        run(
            "schedule",
            "all-reduce",
            "--algorithm=hierarchical",
            "--ranks=5",
            "--groups=7, 3,7,3,7",
            "--pieces=3");

    assertThat(code).isZero();
    assertThat(out.toString()).contains("partition weighted");
    assertThat(err.toString()).contains("all-reduce on 5 ranks: valid");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all-reduce --groups 0,0,1,1,2,2,3,3 --groups 0,0,0,0,1,1,1,1 | all-reduce on 8 ranks",
        "all-reduce --order 0,2,1,3 --order 3,1,2,0 | all-reduce on 4 ranks",
        "all-gather --order 0,2,1 | all-gather on 3 ranks",
        "reduce-scatter --algorithm multi-ring --order 0,2,1 | reduce-scatter on 3 ranks",
        "all-reduce --rates 1,1,1,0.5 --pieces 2 | over a ring of 3, 100 % of what the ports",
        "all-reduce --algorithm two-rings --ranks 5 | all-reduce on 5 ranks",
        "all-gather --algorithm edge-disjoint-rings --ranks 5 | all-gather on 5 ranks",
        "all-reduce --preset dgx-1 | 100 % of what the network allows",
        "all-gather --algorithm packed-trees --preset dgx-1 | all-gather on 8 ranks",
        "reduce-scatter --preset dgx-1 --pieces 2 | reduce-scatter on 8 ranks",
        "broadcast --preset dgx-1 --root 3 | broadcast on 8 ranks",
        "all-reduce --algorithm nested-rings --preset dgx-1 | all-reduce on 8 ranks",
        "all-reduce --algorithm hierarchical --preset ethernet-racks --hosts 6 | on 6 ranks",
      })
  void shouldProveAlgorithmsThatNeedMoreThanRanks(String arguments, String proof) {
    int code = run(("schedule " + arguments + " --format none").split(" "));

    assertThat(err.toString()).contains(proof).contains(": valid");
    assertThat(code).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all-reduce --order 0,1,1 | entry 2 of the ring is 1, expected each of the ranks 0 to 2",
        "barrier --order 0,1 | there is no barrier by 'multi-ring'",
        "all-reduce --algorithm multi-ring | multi-ring needs an order, for example --order",
        "all-reduce --rates 1,0 | rate of rank 1 is 0.0, expected a positive number",
        "all-reduce --rates 1,x | --rates is '1,x', expected a positive number for each rank",
        "broadcast --rates 1,1 | nested-rings is an all-reduce; there is no broadcast of it",
        "all-reduce --rates 1,1 --order 0,1 | --order and --rates exclude each other",
        "all-reduce --algorithm packed-trees | packed-trees needs a topology: --from FILE or",
        "all-reduce --algorithm nested-rings | nested-rings needs the rate of each port",
        "all-reduce --algorithm ring --preset dgx-1 | --from and --preset are for [hierarchical,",
        "barrier --preset dgx-1 | there is no barrier by 'packed-trees'",
        "broadcast --preset dgx-1 --root 8 | --root is 8, but there are 8 ranks",
        "all-reduce --preset dgx-1 --ranks 9 | the topology has 8 ranks, but --ranks is 9",
        "all-reduce --groups 0,0,1 --groups 0,1,1 | group 0 of level 0 lies in groups 0 and 1",
        "all-reduce --preset dgx-1 --lanes 0 | expected pieces and lanes of at least 1",
      })
  void shouldExplainOptionsThatDoNotFit(String arguments, String problem) {
    int code = run(("schedule " + arguments).split(" "));

    assertThat(err.toString()).contains(problem);
    assertThat(code).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all-reduce --groups 0,0,1,1 --ranks 6 | --groups has 4 numbers, but --ranks is 6",
        "broadcast --groups 0,0,1,1 | there is no broadcast of it",
        "barrier --algorithm hierarchical | hierarchical (--groups) is an all-reduce",
        "all-reduce --algorithm hierarchical | hierarchical needs the group of each rank",
        "all-reduce --algorithm ring --groups 0,1 | --groups is for hierarchical, but --algorithm"
            + " is 'ring'",
        "all-reduce --groups 0,,1 | --groups is '0,,1', expected a number of at least 0",
        "all-reduce --groups 0,x | --groups is '0,x', expected a number",
        "all-reduce --groups=0,-1 | --groups is '0,-1', expected a number of at least 0",
      })
  void shouldExplainGroupsThatDoNotFit(String arguments, String problem) {
    int code = run(("schedule " + arguments).split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(problem);
    assertThat(out.toString()).isEmpty();
  }
}
