package dev.tutti.collectives.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class ScheduleVerifierTest {
  /// Two ranks swap their vectors; each begins in a lane of its own.
  private static final String SWAP =
      """
      tutti-schedule/1 all-reduce ranks 2 root 0
      partition even 1
      rank 0: scratch 0 lanes 2
      rank 0 lane 0: send I0 >1
      rank 0 lane 1: recv-reduce O0 = I0 + <1
      rank 1: scratch 0 lanes 2
      rank 1 lane 0: recv-reduce O0 = I0 + <0
      rank 1 lane 1: send I0 >0
      """;

  private static VerificationReport verify(String text) {
    return ScheduleVerifier.verify(ScheduleText.parse(text), 0);
  }

  /// Returns the first defect of SWAP after a replacement.
  private static String defect(String old, String replacement) {
    assertThat(SWAP).contains(old);
    return first(verify(SWAP.replace(old, replacement)));
  }

  private static String first(VerificationReport report) {
    assertThat(report.isValid()).isFalse();
    return report.defects().get(0).toString();
  }

  /// Returns two ranks with the given head and steps; `|` separates lines.
  private static String two(String collective, String partition, String rank0, String rank1) {
    return "tutti-schedule/1 %s ranks 2 root 0\npartition %s\n%s\n%s\n"
        .formatted(collective, partition, steps(0, rank0), steps(1, rank1));
  }

  private static String steps(int rank, String steps) {
    StringBuilder text = new StringBuilder("rank " + rank + ": scratch 2 lanes 2");
    for (String step : steps.split("\\|")) {
      if (!step.isEmpty()) {
        text.append("\nrank ").append(rank).append(" lane ").append(step);
      }
    }
    return text.toString();
  }

  @Test
  void shouldAcceptSwap() {
    VerificationReport report = verify(SWAP);

    assertThat(report.describe())
        .isEqualTo("all-reduce on 2 ranks: valid, needs 0 slots per channel");
    assertThat(report.isCanonical()).isTrue();
    assertThat(report.isConsistent()).isTrue();
    assertThat(report.outputHash(0, 0)).isEqualTo(report.outputHash(1, 0)).isNotZero();
  }

  @Test
  void shouldNotCallSwapSafeInPlaceAsOneLaneWritesWhatTheOtherSends() {
    assertThat(verify(SWAP).isSafeInPlace()).isFalse();
  }

  @Test
  void shouldCallOrderedSwapSafeInPlace() {
    String ordered =
        SWAP.replace("O0 = I0 + <1", "O0 = I0 + <1 after 0.0")
            .replace("O0 = I0 + <0", "O0 = I0 + <0 after 1.0");

    VerificationReport report = verify(ordered);

    assertThat(first(report)).endsWith("[DEADLOCK]");
    assertThat(ScheduleVerifier.verify(ScheduleText.parse(ordered), 1).isSafeInPlace()).isTrue();
  }

  @Test
  void shouldRejectPartitionWithoutEqualBlocks() {
    assertThat(first(verify(two("all-gather", "weighted 1 2", "", ""))))
        .isEqualTo("partition weighted(1,2) is not made of 2 equal blocks [BAD_PARTITION]");
  }

  @Test
  void shouldRejectPeerOutsideWorld() {
    assertThat(defect("send I0 >1", "send I0 >2"))
        .isEqualTo("rank 0 lane 0 step 0: sends to rank 2, but there are 2 ranks [BAD_PEER]");
  }

  @Test
  void shouldRejectRankThatReceivesFromItself() {
    assertThat(defect("I0 + <1", "I0 + <0"))
        .isEqualTo("rank 0 lane 1 step 0: receives from itself [BAD_PEER]");
  }

  @Test
  void shouldRejectOperandBeyondPartition() {
    assertThat(defect("send I0 >1", "send I1 >1"))
        .isEqualTo("rank 0 lane 0 step 0: I1 is beyond the 1 chunks [BAD_OPERAND]");
  }

  @Test
  void shouldRejectOperandBeyondScratch() {
    assertThat(defect("send I0 >1", "send S0 >1"))
        .isEqualTo(
            "rank 0 lane 0 step 0: S0 is beyond the 0 scratch copies of 1 chunks [BAD_SCRATCH]");
  }

  @Test
  void shouldRejectScratchBeyondWhatStepsCanUse() {
    assertThat(defect("rank 0: scratch 0", "rank 0: scratch 1000000"))
        .isEqualTo(
            "rank 0: scratchCopies is 1000000, more than the 6 it can use [UNBOUNDED_SCRATCH]");
  }

  @Test
  void shouldRejectWriteToInput() {
    assertThat(defect("recv-reduce O0 = I0 + <1", "recv I0 = <1"))
        .isEqualTo("rank 0 lane 1 step 0: writes I0, the caller's send buffer [WRITE_TO_INPUT]");
  }

  @Test
  void shouldRejectInputOutsideOwnBlockOfAllGather() {
    assertThat(first(verify(two("all-gather", "even 2", "0: copy O1 = I1", ""))))
        .isEqualTo(
            "rank 0 lane 0 step 0: I1 lies in block 1, which rank 0 does not have [OUTSIDE_BLOCK]");
  }

  @Test
  void shouldRejectOutputOutsideOwnBlockOfReduceScatter() {
    assertThat(first(verify(two("reduce-scatter", "even 2", "", "0: copy O0 = I0"))))
        .isEqualTo(
            "rank 1 lane 0 step 0: O0 lies in block 0, which rank 1 does not have [OUTSIDE_BLOCK]");
  }

  @Test
  void shouldRejectReductionInBroadcast() {
    String set = two("broadcast", "even 1", "0: copy O0 = I0|0: reduce O0 += I0", "");

    assertThat(first(verify(set)))
        .isEqualTo(
            "rank 0 lane 0 step 1: reduce in broadcast, which has no operator"
                + " [REDUCTION_WITHOUT_OPERATOR]");
  }

  @Test
  void shouldRejectOperandsOfDifferentLength() {
    String set = two("all-reduce", "even 2", "0: copy S1 = I0", "");

    assertThat(first(verify(set)))
        .isEqualTo("rank 0 lane 0 step 0: I0 and S1 may differ in length [CHUNK_MISMATCH]");
  }

  @Test
  void shouldRejectMessageOfDifferentLength() {
    String set = two("all-reduce", "even 2", "0: send I0 >1", "0: recv O1 = <0");

    assertThat(first(verify(set)))
        .isEqualTo(
            "rank 1 lane 0 step 0: O1 may differ in length from I0 of rank 0 lane 0 step 0"
                + " (send I0 >1) [CHUNK_MISMATCH]");
  }

  @Test
  void shouldKnowThatBlocksOfAllGatherHaveEqualLength() {
    ChunkLengths lengths =
        new ChunkLengths(ScheduleText.parse(two("all-gather", "even 4", "", "")));

    assertThat(lengths.equal(0, 2)).isTrue();
    assertThat(lengths.equal(0, 1)).isFalse();
  }

  @Test
  void shouldRejectDependencyOnUnknownLane() {
    assertThat(defect("send I0 >1", "send I0 >1 after 2.0"))
        .isEqualTo("rank 0 lane 0 step 0: after 2.0: there are 2 lanes [BAD_DEPENDENCY]");
  }

  @Test
  void shouldRejectDependencyOnUnknownStep() {
    assertThat(defect("send I0 >1", "send I0 >1 after 1.1"))
        .isEqualTo("rank 0 lane 0 step 0: after 1.1: lane 1 has 1 steps [BAD_DEPENDENCY]");
  }

  @Test
  void shouldRejectDependencyOnItself() {
    assertThat(defect("send I0 >1", "send I0 >1 after 0.0"))
        .isEqualTo(
            "rank 0 lane 0 step 0: after 0.0: does not come before this step of the same lane"
                + " [BAD_DEPENDENCY]");
  }

  @Test
  void shouldRejectCyclicDependencies() {
    String text =
        SWAP.replace("send I0 >1", "send I0 >1 after 1.0")
            .replace("O0 = I0 + <1", "O0 = I0 + <1 after 0.0");

    assertThat(first(verify(text)))
        .isEqualTo(
            "rank 0 lane 0 step 0: stuck with any number of slots:"
                + " rank 0 lane 0 step 0 (send I0 >1 after 1.0)"
                + " waits for rank 0 lane 1 step 0 (recv-reduce O0 = I0 + <1 after 0.0);"
                + " rank 0 lane 1 step 0 (recv-reduce O0 = I0 + <1 after 0.0)"
                + " waits for rank 0 lane 0 step 0 (send I0 >1 after 1.0) [CYCLIC_DEPENDENCY]");
  }

  @Test
  void shouldRejectSendThatNobodyReceives() {
    assertThat(defect("rank 1 lane 0: recv-reduce O0 = I0 + <0\n", ""))
        .isEqualTo("rank 0 lane 0 step 0: nobody receives send I0 >1 [UNMATCHED_SEND]");
  }

  @Test
  void shouldRejectReceiveThatNothingMatches() {
    assertThat(defect("rank 0 lane 0: send I0 >1\n", ""))
        .isEqualTo(
            "rank 1 lane 0 step 0: nothing arrives for recv-reduce O0 = I0 + <0"
                + " [UNMATCHED_RECEIVE]");
  }

  @Test
  void shouldRejectRanksThatAllReceiveFirst() {
    String set =
        two(
            "all-reduce",
            "even 1",
            "0: recv S0 = <1|0: send I0 >1",
            "0: recv S0 = <0|0: send I0 >0");

    assertThat(ScheduleVerifier.verify(ScheduleText.parse(set), 9).defects().get(0).message())
        .isEqualTo(
            "stuck with any number of slots:"
                + " rank 0 lane 0 step 0 (recv S0 = <1) waits for rank 1 lane 0 step 1 (send I0 >0);"
                + " rank 1 lane 0 step 0 (recv S0 = <0) waits for rank 0 lane 0 step 1 (send I0 >1)");
  }

  @Test
  void shouldRejectRanksThatAllSendFirstIfChunksExceedChannels() {
    String text = SWAP.replace("lane 1", "lane 0").replace("rank 1 lane 0: send I0 >0\n", "");
    String oneLane =
        text.replace("rank 1 lane 0: recv", "rank 1 lane 0: send I0 >0\nrank 1 lane 0: recv");

    VerificationReport strict = verify(oneLane);
    VerificationReport roomy = ScheduleVerifier.verify(ScheduleText.parse(oneLane), 5);

    assertThat(first(strict))
        .isEqualTo(
            "rank 0 lane 0 step 0: stuck with 0 slots per channel:"
                + " rank 0 lane 0 step 0 (send I0 >1)"
                + " waits for rank 1 lane 0 step 1 (recv-reduce O0 = I0 + <0);"
                + " rank 1 lane 0 step 0 (send I0 >0)"
                + " waits for rank 0 lane 0 step 1 (recv-reduce O0 = I0 + <1) [DEADLOCK]");
    assertThat(roomy.isValid()).isTrue();
    assertThat(roomy.requiredSlots()).isEqualTo(1);
    assertThat(roomy.isSafeInPlace()).isTrue();
  }

  @Test
  void shouldRejectEchoThatTheSenderTakesOnlyAfterItsSend() {
    String set =
        two("broadcast", "even 1", "0: send I0 >1|0: recv O0 = <1", "0: recv-forward O0 = <0 >0");

    assertThat(first(verify(set))).endsWith("[DEADLOCK]");
    assertThat(ScheduleVerifier.verify(ScheduleText.parse(set), 1).isValid()).isTrue();
  }

  @Test
  void shouldReportSlotsOfRings() {
    assertThat(ScheduleVerifier.verify(SmallSchedules.oneLaneRing(4), 100).requiredSlots())
        .isEqualTo(2);
    assertThat(
            ScheduleVerifier.verify(SmallSchedules.ringAllReduce(4, Partition.even(4)), 100)
                .requiredSlots())
        .isZero();
  }

  @Test
  void shouldRejectReadThatRacesWithWrite() {
    String text = SWAP + "rank 1 lane 1: copy S0 = O0\n";

    assertThat(first(verify(text.replace("rank 1: scratch 0", "rank 1: scratch 1"))))
        .isEqualTo(
            "rank 1 lane 1 step 1: reads O0, which rank 1 lane 0 step 0"
                + " (recv-reduce O0 = I0 + <0) has written without an order between the two"
                + " [RACE]");
  }

  @Test
  void shouldRejectWriteThatRacesWithRead() {
    String rank0 = "0: copy S0 = I0|0: copy O0 = S0|0: send O0 >1|1: copy S0 = I0";

    assertThat(first(verify(two("broadcast", "even 1", rank0, "0: recv O0 = <0"))))
        .isEqualTo(
            "rank 0 lane 1 step 0: writes S0, which rank 0 lane 0 step 0 (copy S0 = I0)"
                + " has written without an order between the two [RACE]");
    assertThat(first(verify(two("broadcast", "even 1", rank0 + " after 0.0", "0: recv O0 = <0"))))
        .isEqualTo(
            "rank 0 lane 1 step 0: writes S0, which rank 0 lane 0 step 1 (copy O0 = S0)"
                + " has read without an order between the two [RACE]");
  }

  @Test
  void shouldRejectReadOfUndefinedScratch() {
    assertThat(
            first(
                verify(
                    SWAP.replace("rank 0: scratch 0", "rank 0: scratch 1")
                        .replace("send I0 >1", "send S0 >1"))))
        .isEqualTo("rank 0 lane 0 step 0: reads S0, which holds nothing yet [READ_UNDEFINED]");
  }

  @Test
  void shouldRejectReadOfUndefinedOutput() {
    String set = two("all-reduce", "even 1", "0: reduce O0 += I0", "");

    assertThat(first(verify(set)))
        .isEqualTo("rank 0 lane 0 step 0: reads O0, which holds nothing yet [READ_UNDEFINED]");
  }

  @Test
  void shouldRejectInputOfOthersThanTheRoot() {
    String set = two("broadcast", "even 1", "0: copy O0 = I0", "0: copy O0 = I0");

    assertThat(first(verify(set)))
        .isEqualTo("rank 1 lane 0 step 0: reads I0, which holds nothing yet [READ_UNDEFINED]");
  }

  @Test
  void shouldRejectSumOfDifferentChunks() {
    String set = two("reduce-scatter", "even 2", "0: copy S0 = I0|0: reduce S0 += I1", "");

    assertThat(first(verify(set)))
        .isEqualTo("rank 0 lane 0 step 1: adds up elements of chunks 0 and 1 [MIXED_CHUNKS]");
  }

  @Test
  void shouldRejectDoubleContribution() {
    String line = "rank 0 lane 1: recv-reduce O0 = I0 + <1\n";

    assertThat(defect(line, line + "rank 0 lane 1: reduce O0 += I0\n"))
        .isEqualTo(
            "rank 0 lane 1 step 1: adds the contribution of rank 0 to chunk 0 twice"
                + " [DOUBLE_CONTRIBUTION]");
  }

  @Test
  void shouldRejectMissingContribution() {
    assertThat(defect("recv-reduce O0 = I0 + <1", "recv O0 = <1"))
        .isEqualTo("rank 0: O0 lacks the contribution of rank 0 [MISSING_CONTRIBUTION]");
  }

  @Test
  void shouldRejectResultThatIsNeverWritten() {
    String set = two("broadcast", "even 1", "0: copy O0 = I0", "");

    assertThat(first(verify(set))).isEqualTo("rank 1: O0 is never written [WRONG_RESULT]");
  }

  @Test
  void shouldRejectResultOfAnotherChunk() {
    String set = two("all-gather", "even 2", "0: copy O0 = I0|0: copy O1 = I0", "0: copy O1 = I1");

    assertThat(first(verify(set))).isEqualTo("rank 0: O1 ends as chunk 0 [WRONG_RESULT]");
  }

  @Test
  void shouldRejectBarrierThatARankLeavesEarly() {
    String set = two("barrier", "even 1", "0: send S0 >1", "0: recv S0 = <0");

    assertThat(first(verify(set)))
        .isEqualTo("rank 0: may leave before rank 1 has entered [BARRIER_LEAK]");
  }

  @Test
  void shouldAcceptOrderByMessagesAlone() {
    VerificationReport report = ScheduleVerifier.verify(SmallSchedules.causal(), 0);

    assertThat(report.describe()).contains("valid");
  }

  @Test
  void shouldIgnoreEmptyChunks() {
    String set =
        two("broadcast", "weighted 1 0", "0: send I0 >1|0: copy O0 = I0", "0: recv O0 = <0");

    assertThat(verify(set).describe()).contains("valid");
  }

  @Test
  void shouldTellCanonicalFromOtherOrders() {
    VerificationReport ring =
        ScheduleVerifier.verify(SmallSchedules.ringAllReduce(4, Partition.even(4)), 0);
    VerificationReport tree = ScheduleVerifier.verify(SmallSchedules.twoLaneTree(), 0);

    assertThat(ring.isCanonical()).isFalse();
    assertThat(ring.isConsistent()).isTrue();
    assertThat(tree.isCanonical()).isTrue();
    assertThat(tree.outputHash(3, 1)).isNotEqualTo(ring.outputHash(3, 1));
  }

  @Test
  void shouldTellWhichStepsExchangeTheirOperandsInRankOrder() {
    RankOrder swap = Objects.requireNonNull(verify(SWAP).rankOrder());
    VerificationReport ring =
        ScheduleVerifier.verify(SmallSchedules.ringAllReduce(4, Partition.even(4)), 0);

    assertThat(swap.exchanged(0)).hasToString("{}");
    assertThat(swap.exchanged(1)).hasToString("{0}"); // its own is the right operand
    assertThat(ring.rankOrder()).isNull();
  }

  @Test
  void shouldCompareHashesAcrossSetsAndRanks() {
    VerificationReport two = verify(SWAP);
    VerificationReport other =
        ScheduleVerifier.verify(SmallSchedules.ringAllReduce(2, Partition.even(2)), 1);

    assertThat(other.outputHash(1, 1)).isEqualTo(two.outputHash(0, 0));
  }

  @Test
  void shouldCountDefectsBeyondThoseListed() {
    StringBuilder steps = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      steps.append("0: send I0 >0|");
    }

    VerificationReport report = verify(two("all-reduce", "even 1", steps.toString(), ""));

    assertThat(report.defectCount()).isEqualTo(30);
    assertThat(report.defects()).hasSize(VerificationReport.MAX_DEFECTS);
    assertThat(report.describe()).endsWith("\n  and 10 more");
  }

  @Test
  void shouldThrowWithAllDefects() {
    ScheduleSet set = ScheduleText.parse(SWAP.replace("recv-reduce O0 = I0 + <1", "recv O0 = <1"));

    assertThatThrownBy(() -> ScheduleVerifier.verifyOrThrow(set, 0))
        .isInstanceOf(InvalidScheduleException.class)
        .hasMessage(
            "all-reduce on 2 ranks: 1 defect\n"
                + "  rank 0: O0 lacks the contribution of rank 0 [MISSING_CONTRIBUTION]");
  }

  @Test
  void shouldRejectNegativeSlots() {
    ScheduleSet set = ScheduleText.parse(SWAP);

    assertThatThrownBy(() -> ScheduleVerifier.verify(set, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("slots is -1, expected at least 0");
  }
}
