package dev.tutti.bench.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.record.Dump;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Each verdict from dumps made for it.
final class AnalysisTest {
  private static List<Finding> analyze(Dumps... dumps) {
    List<Dump> list = Arrays.stream(dumps).map(Dumps::dump).toList();
    List<RankDumps> groups = RankDumps.group(list);
    assertThat(groups).hasSize(1);
    return Analysis.of(groups.getFirst());
  }

  private static Finding only(List<Finding> findings, Verdict verdict, Integer... ranks) {
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().verdict()).isEqualTo(verdict);
    assertThat(findings.getFirst().ranks()).containsExactly(ranks);
    return findings.getFirst();
  }

  @Test
  void shouldBeContentWhenAllAgree() {
    Finding finding =
        only(
            analyze(Dumps.rank(0, 2).completed(5), Dumps.rank(1, 2).completed(5)),
            Verdict.CONSISTENT);

    assertThat(finding.text()).contains("every rank has entered 5 operations");
  }

  @Test
  void shouldNotBlameAnyoneWhenDumpsOfARunningJobDiffer() {
    only(
        analyze(
            Dumps.rank(0, 2).completed(500).in("barrier").waitsFor(1, 0.000_05),
            Dumps.rank(1, 2).completed(900)),
        Verdict.CONSISTENT);
  }

  @Test
  void shouldBlameTheMinorityWhenCallsDiffer() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3)
                    .completed(2)
                    .in("all-reduce of 4 INT8 SUM")
                    .failed("MismatchException", "ranks disagree", 0),
                Dumps.rank(1, 3).completed(2).in("all-reduce of 5 INT8 SUM"),
                Dumps.rank(2, 3).completed(2).in("all-reduce of 4 INT8 SUM")),
            Verdict.MISMATCH,
            1);

    assertThat(finding.operation()).isEqualTo(2);
    assertThat(finding.text())
        .isEqualTo("rank 1 called something else than the other ranks as operation 2");
    assertThat(finding.evidence())
        .containsExactly(
            "ranks 0, 2 call all-reduce of 4 INT8 SUM as operation 2",
            "rank 1 calls all-reduce of 5 INT8 SUM as operation 2",
            "rank 0 reports MismatchException: ranks disagree");
  }

  @Test
  void shouldBlameBothWhenTwoRanksDisagree() {
    Finding finding =
        only(
            analyze(Dumps.rank(0, 2).in("barrier"), Dumps.rank(1, 2).in("broadcast")),
            Verdict.MISMATCH,
            0,
            1);

    assertThat(finding.text()).isEqualTo("the ranks disagree on operation 0");
  }

  @Test
  void shouldNameTheMissingRankAndWhoWaitsForIt() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3)
                    .completed(4)
                    .in("barrier")
                    .waitsFor(2, 0.01)
                    .failed("RankFailedException", "rank 2 failed: its connection closed", 0),
                Dumps.rank(1, 3)
                    .completed(4)
                    .in("barrier")
                    .absent(2)
                    .failed("RankFailedException", "rank 2 failed: its connection closed", 0)),
            Verdict.MISSING,
            2);

    assertThat(finding.operation()).isEqualTo(4);
    assertThat(finding.text()).contains("rank 2 is missing");
    assertThat(finding.evidence())
        .contains(
            "rank 0 waits for rank 2 in operation 4 (barrier) for 10.0 ms",
            "rank 1 waits for rank 2 in operation 4 (barrier), which it has not entered",
            "rank 0 reports RankFailedException: rank 2 failed: its connection closed");
  }

  @Test
  void shouldNotClaimMoreOfAMissingRankThanItKnows() {
    Finding finding = only(analyze(Dumps.rank(10, 12).completed(1)), 0, 12);

    assertThat(finding.text()).contains("or its dump was not given");
  }

  private static Finding only(List<Finding> findings, int first, int size) {
    assertThat(findings).hasSize(size - 1).allMatch(f -> f.verdict() == Verdict.MISSING);
    return findings.get(first);
  }

  @Test
  void shouldBlameTheRankThatHasNotCome() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3).completed(7).in("barrier").waitsFor(1, 3.2),
                Dumps.rank(1, 3).completed(7),
                Dumps.rank(2, 3).completed(7).in("barrier").waitsFor(1, 3.1)),
            Verdict.BEHIND,
            1);

    assertThat(finding.operation()).isEqualTo(7);
    assertThat(finding.text())
        .isEqualTo(
            "rank 1 is behind: it has not called operation 7 (barrier), in which ranks 0, 2 wait");
    assertThat(finding.evidence())
        .contains("rank 0 waits for rank 1 in operation 7 (barrier) for 3.20 s");
  }

  @Test
  void shouldBlameTheRankThatDoesNotConnect() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3).completed(7),
                Dumps.rank(1, 3).completed(7).awaitsConnection(0, 3.2),
                Dumps.rank(2, 3).completed(7).awaitsConnection(1, 3.1)),
            Verdict.BEHIND,
            0);

    assertThat(finding.text())
        .isEqualTo(
            "rank 0 is behind: it has not called the operation for which rank 1 waits to connect");
    assertThat(finding.evidence())
        .contains("rank 1 waits for rank 0 to connect, before collective 7 for 3.20 s");
  }

  @Test
  void shouldFollowTheChainToTheRankThatWaitsForNobody() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3).completed(7).in("barrier").waitsFor(1, 3.2),
                Dumps.rank(1, 3).completed(6).in("barrier").waitsFor(2, 3.3),
                Dumps.rank(2, 3).completed(6).in("barrier")),
            Verdict.STUCK,
            2);
    assertThat(finding.text()).isEqualTo("rank 2 does not move in operation 6 (barrier)");
    assertThat(finding.evidence()).anyMatch(line -> line.contains("it is stopped, starved"));
  }

  @Test
  void shouldShowTheCircleWhenMessagesCross() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 2).inMessage("send of 9 INT8 to rank 1").waitsFor(1, 5),
                Dumps.rank(1, 2).inMessage("send of 9 INT8 to rank 0").waitsFor(0, 4)),
            Verdict.DEADLOCK,
            0,
            1);

    assertThat(finding.evidence())
        .contains("rank 1 waits for rank 0 in send of 9 INT8 to rank 0 for 4.00 s");
  }

  @Test
  void shouldBlameWhoFailedByItself() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 2).in("barrier").failed("AbortedException", "rank 1 aborted", -500),
                Dumps.rank(1, 2).in("barrier").failed("OutOfMemoryError", "heap", 500)),
            Verdict.FAILED,
            1);

    assertThat(finding.text()).isEqualTo("rank 1 failed first: OutOfMemoryError: heap");
  }

  @Test
  void shouldFindTheStragglerByWaits() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3).completed(9).waited(2, 50, 4.0).waited(1, 3, 0.1),
                Dumps.rank(1, 3).completed(9).waited(2, 40, 3.0),
                Dumps.rank(2, 3).completed(9)),
            Verdict.STRAGGLER,
            2);

    assertThat(finding.evidence())
        .contains("rank 0 waited for rank 2 50 times, 4.00 s in all, 40 % of its time");
  }

  @Test
  void shouldFindTheStragglerByTheTimesAtWhichRanksEnter() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 2)
                    .completed("barrier", 1_000_000)
                    .completed("barrier", 2_000_000)
                    .completed("barrier", 3_000_000),
                Dumps.rank(1, 2)
                    .completed("barrier", 1_500_000)
                    .completed("barrier", 2_600_000)
                    .completed("barrier", 3_400_000)),
            Verdict.STRAGGLER,
            1);

    assertThat(finding.evidence()).singleElement().asString().contains("500.0 us after the first");
  }

  @Test
  void shouldNotCallASlowStartAStraggler() {
    only(
        analyze(
            Dumps.rank(0, 2).completed(9).waited(1, 10, 1.0),
            Dumps.rank(1, 2).completed(9).waited(0, 10, 0.9)),
        Verdict.CONSISTENT);
  }

  @Test
  void shouldFindTheSlowLink() {
    Finding finding =
        only(
            analyze(
                Dumps.rank(0, 3).completed(1).rate(1, 10e9).rate(2, 1e9),
                Dumps.rank(1, 3).completed(1).rate(0, 9e9).rate(2, 11e9),
                Dumps.rank(2, 3).completed(1).rate(0, 2e9).rate(1, 8e9)),
            Verdict.SLOW_LINK,
            0,
            2);

    assertThat(finding.text())
        .isEqualTo(
            "the link between ranks 0 and 2 is slow: 2.00 GB/s at best, where 10.0 is usual");
  }

  @Test
  void shouldKeepCommunicatorsApartAndTheLatestDumpOfARank() {
    Dump old = Dumps.rank(0, 2).completed(1).dump();
    Dump later = Dumps.rank(0, 2).completed(2).dump();
    Dump other = Dumps.rank(0, 3).completed(3).dump();

    List<RankDumps> groups = RankDumps.group(List.of(old, later, other));

    assertThat(groups).extracting(RankDumps::size).containsExactlyInAnyOrder(2, 3);
    assertThat(groups)
        .filteredOn(group -> group.size() == 2)
        .singleElement()
        .satisfies(group -> assertThat(group.all()).hasSize(1));
  }
}
