package dev.tutti.collectives.simulate;

import static dev.tutti.collectives.simulate.Stars.LATENCY;
import static dev.tutti.collectives.simulate.Stars.RATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.LateRankAllReduce;
import dev.tutti.collectives.schedule.Collective;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranks that begin late.
final class ArrivalTest {
  private static final long SIZE = 8_000_000;
  private static final double VECTOR = SIZE / RATE; // one vector over one link

  private static double seconds(ScheduleSource source, SimulationOptions options) {
    return new Simulator(Stars.of(source.ranks()), options).predict(source, SIZE).seconds();
  }

  private static ScheduleSource ring(int ranks) {
    return ScheduleSource.of(
        Algorithms.named("ring").scheduleSet(Collective.ALL_REDUCE, ranks, 0, 1));
  }

  private static ScheduleSource lateRank(int ranks, int late) {
    int pieces = LateRankAllReduce.pieces(ranks, SIZE);
    return ScheduleSource.of(LateRankAllReduce.scheduleSet(ranks, late, pieces, 64));
  }

  @Test
  void shouldWaitForTheLateRootOfAChain() {
    ScheduleSource chain =
        ScheduleSource.of(Algorithms.named("ring").scheduleSet(Collective.BROADCAST, 4, 0, 1));
    double together = seconds(chain, Stars.linksOnly());

    double seconds = seconds(chain, Stars.linksOnly().withLate(Map.of(0, 0.25)));

    assertThat(seconds).isCloseTo(0.25 + together, within(1e-9));
  }

  @Test
  void shouldEndNoEarlierThanTheLateRankBegins() {
    ScheduleSource chain =
        ScheduleSource.of(Algorithms.named("ring").scheduleSet(Collective.BROADCAST, 2, 0, 1));

    double seconds = seconds(chain, Stars.linksOnly().withLate(Map.of(1, 0.25)));

    // It was sent before the receiver began.
    assertThat(seconds).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void shouldTakeNoNoticeOfARankThatIsLateByNothing() {
    SimulationOptions options = Stars.linksOnly();

    assertThat(options.withLate(Map.of(2, 0.0))).isEqualTo(options);
    assertThat(seconds(ring(4), options))
        .isCloseTo(6 * (VECTOR / 4 + LATENCY), within(1e-9 * VECTOR));
  }

  /// What the whole of it is for: 8 ranks, one late by half of a ring's time.
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 7})
  void shouldTakeAtMostFourFifthsOfWaitingAndThenARing(int late) {
    int ranks = 8;
    SimulationOptions options = Stars.linksOnly().withSliceBytes(64 << 10);
    double ring = seconds(ring(ranks), options);
    double delay = ring / 2;

    double seconds = seconds(lateRank(ranks, late), options.withLate(Map.of(late, delay)));

    assertThat(seconds).isLessThanOrEqualTo(0.8 * (delay + ring));
    assertThat(seconds - delay).isLessThan(1.15 * VECTOR); // S/B and a little
  }

  @Test
  void shouldLoseLittleWhenTheLateRankIsNotLate() {
    SimulationOptions options = Stars.linksOnly().withSliceBytes(64 << 10);

    double seconds = seconds(lateRank(8, 3), options);

    assertThat(seconds).isLessThan(1.2 * seconds(ring(8), options));
  }

  @Test
  void shouldSimulateEveryRankWhereOneIsLate() {
    ScheduleSource ring = ring(16);
    Simulator together = new Simulator(Stars.of(16), Stars.linksOnly(), 0);
    Simulator skewed = new Simulator(Stars.of(16), Stars.linksOnly().withLate(Map.of(3, 0.1)), 0);

    assertThat(together.predict(ring, SIZE).simulatedRanks()).isLessThan(16);
    assertThat(skewed.predict(ring, SIZE).simulatedRanks()).isEqualTo(16);
  }

  @Test
  void shouldNameALateRankThatIsNotThere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> seconds(ring(4), Stars.linksOnly().withLate(Map.of(4, 0.1))))
        .withMessage("rank 4 is late, but there are only ranks 0 to 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Stars.linksOnly().withLate(Map.of(1, -0.1)))
        .withMessage("seconds that rank 1 is late is -0.1, expected at least 0 and below 10^6");
  }
}
