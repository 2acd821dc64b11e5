package dev.tutti.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.compare.Targets.Verdict;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.netlab.PlannedLab;
import dev.tutti.bench.report.Palette;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComparisonTest {
  private static final long MIB = 1 << 20;
  private static final Contestant DEFAULT = peer(PeerLibrary.OPENMPI, Tuning.DEFAULT);
  private static final Contestant TUNED = peer(PeerLibrary.OPENMPI, "ucx+thp");
  private static final Contestant MPICH = peer(PeerLibrary.MPICH, Tuning.DEFAULT);
  private static final Contestant FOREIGN = new Contestant.Own(BufferKind.FOREIGN);
  private static final Contestant REGISTERED = new Contestant.Own(BufferKind.REGISTERED);

  private static final Contestant IPERF = peer(PeerLibrary.IPERF3, "cubic");

  private Comparison comparison =
      comparison(BenchCollective.ALL_REDUCE, new Network.SharedMemory(), 2);

  private static Comparison comparison(BenchCollective collective, Network network, int ranks) {
    return new Comparison(
        new CompareCase(collective, network, ranks, List.of(MIB), 0.1),
        List.of(DEFAULT, TUNED, MPICH, IPERF, FOREIGN, REGISTERED));
  }

  private static Contestant peer(PeerLibrary library, String label) {
    return new Contestant.Peer(new Tuning(library, label), Path.of("program"), null);
  }

  private static ComparedRow row(
      Contestant of, long bytes, int launch, double micros, double foreignCores) {
    return new ComparedRow(
        of.library(),
        "1.0",
        of.tuning(),
        "all-reduce",
        2,
        bytes,
        micros,
        micros,
        micros,
        micros,
        of.isTutti() ? 90 : 0,
        "",
        "",
        100,
        0,
        launch,
        foreignCores,
        50);
  }

  private void add(Contestant contestant, double... micros) {
    List<ComparedRow> rows = new ArrayList<>();
    for (int i = 0; i < micros.length; i++) {
      rows.add(row(contestant, MIB, i + 1, micros[i], 0));
    }
    comparison.add(contestant, rows);
  }

  @Test
  void shouldLeaveOutLaunchesOnDistantCores() {
    add(DEFAULT, 100, 110);
    ComparedRow near = row(DEFAULT, MIB, 3, 400, 0);
    comparison.add(DEFAULT, List.of(near.with("1.0", 0, 200)));

    assertThat(comparison.quietLaunches(DEFAULT)).isEqualTo(2);
    assertThat(comparison.cell(DEFAULT, MIB))
        .isNotNull()
        .extracting(Comparison.Cell::median)
        .isEqualTo(105.0);
  }

  @Test
  void shouldTakeTheMedianAndTheBestOfTheLaunches() {
    add(DEFAULT, 105, 100, 140);

    assertThat(comparison.cell(DEFAULT, MIB))
        .isEqualTo(new Comparison.Cell(105, 100, 0, 3, false, 0));
    assertThat(comparison.cell(DEFAULT, 4)).isNull();
    assertThat(comparison.quietLaunches(DEFAULT)).isEqualTo(3);
  }

  @Test
  void shouldLeaveDisturbedLaunchesOutIfThereAreOthers() {
    comparison.add(TUNED, List.of(row(TUNED, MIB, 1, 500, 0.9), row(TUNED, MIB, 2, 60, 0.1)));

    assertThat(comparison.cell(TUNED, MIB)).isEqualTo(new Comparison.Cell(60, 60, 0, 1, false, 0));
    assertThat(comparison.quietLaunches(TUNED)).isEqualTo(1);
  }

  @Test
  void shouldMarkCellsWithoutUndisturbedLaunches() {
    comparison.add(
        TUNED,
        List.of(
            row(TUNED, MIB, 1, 500, 0.9),
            row(TUNED, MIB, 2, 60, 0.2),
            row(TUNED, MIB, 3, 70, 0.3),
            row(TUNED, MIB, 4, 80, 0.4)));

    assertThat(comparison.cell(TUNED, MIB)).isEqualTo(new Comparison.Cell(70, 60, 0, 3, true, 0));
  }

  @Test
  void shouldFindTheBestPeerAndRatios() {
    add(DEFAULT, 105);
    add(TUNED, 54);
    add(FOREIGN, 45);

    assertThat(comparison.bestPeer(MIB)).isEqualTo(TUNED);
    assertThat(comparison.defaultPeers()).containsExactly(DEFAULT, MPICH);
    assertThat(comparison.ratio(FOREIGN, TUNED, MIB)).isEqualTo(1.2);
    assertThat(comparison.ratio(FOREIGN, MPICH, MIB)).isZero();
  }

  @Test
  void shouldJudgeAgainstTheTargets() {
    add(DEFAULT, 105);
    add(TUNED, 54);
    add(MPICH, 130);
    add(FOREIGN, 46);
    add(REGISTERED, 26);

    List<Verdict> verdicts = Targets.judge(comparison, MIB);

    assertThat(verdicts)
        .filteredOn(verdict -> !verdict.isReached())
        .extracting(Verdict::describe)
        .containsExactly("foreign/best 1.17 < 1.20");
    assertThat(verdicts)
        .extracting(Verdict::name)
        .containsExactly(
            "foreign/best",
            "registered/best",
            "foreign/openmpi",
            "registered/openmpi",
            "foreign/mpich",
            "registered/mpich");
  }

  @Test
  void shouldJudgeOverLoopback() {
    comparison = comparison(BenchCollective.ALL_REDUCE, new Network.Loopback(), 4);
    add(DEFAULT, 105);
    add(TUNED, 54);
    add(FOREIGN, 50);
    add(REGISTERED, 10);

    assertThat(Targets.judge(comparison, MIB))
        .extracting(Verdict::describe)
        .containsExactly("foreign/best 1.08 < 1.20");
    assertThat(Targets.judge(comparison, 4)).isEmpty();
  }

  @Test
  void shouldJudgeStreamsAgainstIperf() {
    comparison = comparison(BenchCollective.SEND_STREAM, new Network.Loopback(), 2);
    add(DEFAULT, 10);
    add(IPERF, 100);
    add(FOREIGN, 104);

    assertThat(Targets.judge(comparison, MIB))
        .extracting(Verdict::describe)
        .containsExactly("foreign/iperf3 0.96 >= 0.90");
  }

  @ParameterizedTest
  @CsvSource({
    "UNIFORM, 13300, foreign %bound 98.9 >= 98.0",
    "UNIFORM, 14000, foreign %bound 94.0 < 98.0",
    "RACKS, 46000, foreign %bound 95.3 >= 92.0"
  })
  void shouldJudgeByTheBoundInLabs(LabSpec.Scenario scenario, double micros, String verdict) {
    Network lab = new Network.InLab(PlannedLab.of(scenario));
    comparison = comparison(BenchCollective.ALL_REDUCE, lab, 4);
    add(FOREIGN, micros);

    assertThat(Targets.judge(comparison, MIB))
        .extracting(Verdict::describe)
        .containsExactly(verdict);
    assertThat(Targets.judge(comparison, 4)).isEmpty();
  }

  @Test
  void shouldPrintPercentOfTheBoundAndWhoHasNoFigures() {
    Network lab = new Network.InLab(PlannedLab.of(LabSpec.Scenario.UNIFORM));
    comparison = comparison(BenchCollective.ALL_REDUCE, lab, 4);
    add(DEFAULT, 25540);
    add(FOREIGN, 13300);
    comparison.fail(REGISTERED, "ended after 1 s");

    List<String> lines = ComparisonFormat.MARKDOWN.lines(comparison, Palette.ANSI);

    assertThat(lines)
        .contains(
            "#### all-reduce, float32, 4 ranks over TCP in the lab 'uniform': median us of the"
                + " launches' medians [best launch] = % of the bound, 79.7 MB/s; (!) disturbed",
            "| openmpi 1.0 | default | **25540 [25540] = 51.5%** |",
            "| 1MB | openmpi default | 25540 | 13300 | 1.92x | 1.92x | - | 98.9 | - | - | - | - | - |",
            "no figures of tutti registered: ended after 1 s",
            "* 1MB: reached");
    assertThat(ComparisonFormat.JSON.lines(comparison, Palette.PLAIN))
        .first()
        .asString()
        .contains("\"network\":\"TCP in the lab 'uniform'\",\"percent_of_bound\":51.");
  }

  @Test
  void shouldPrintMarkdown() {
    add(DEFAULT, 105, 103);
    add(TUNED, 54);
    add(FOREIGN, 45);
    add(REGISTERED, 25);

    List<String> lines = ComparisonFormat.MARKDOWN.lines(comparison, Palette.ANSI);

    assertThat(lines)
        .contains(
            "| library | tuning | 1MB |",
            "|---|---|---:|",
            "| openmpi 1.0 | default | 104 [103] = 10.08 |",
            "| openmpi 1.0 | ucx+thp | **54.0 [54.0] = 19.42** |",
            "| mpich | default | - |",
            "| 1MB | openmpi ucx+thp | 54.0 | 45.0 | 1.20x | 2.31x | - | 25.0 | 2.16x | 4.16x | - | 90.0 |",
            "* 1MB: reached");
  }

  @Test
  void shouldPrintJsonPerContestantAndSize() {
    add(TUNED, 54);
    add(FOREIGN, 45);

    assertThat(ComparisonFormat.JSON.lines(comparison, Palette.PLAIN))
        .hasSize(2)
        .last()
        .asString()
        .contains("\"library\":\"tutti\"", "\"ratio_to_best_peer\":1.2,");
  }

  @Test
  void shouldReadTheLinesOfMeasuringPrograms() {
    String line =
        "{\"version\":\"4.1.4\",\"collective\":\"all-reduce\",\"ranks\":2,\"bytes\":64,"
            + "\"time_us_p50\":0.1840,\"time_us_p99\":0.2000,\"time_us_min\":0.1700,"
            + "\"time_us_avg\":0.1900,\"iterations\":5000,\"wrong\":0}";

    assertThat(ComparedRow.read(line, "openmpi", "default", 3))
        .isEqualTo(
            new ComparedRow(
                "openmpi",
                "4.1.4",
                "default",
                "all-reduce",
                2,
                64,
                0.184,
                0.2,
                0.17,
                0.19,
                0,
                "",
                "",
                5000,
                0,
                3,
                0,
                0));
    assertThat(ComparedRow.read("mpirun: hello", "openmpi", "default", 3)).isNull();
  }
}
