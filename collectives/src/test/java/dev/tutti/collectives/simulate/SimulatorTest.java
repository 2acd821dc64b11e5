package dev.tutti.collectives.simulate;

import static dev.tutti.collectives.simulate.Stars.LATENCY;
import static dev.tutti.collectives.simulate.Stars.RATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.ScheduleBuilder;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Times that can be computed by hand.
final class SimulatorTest {
  private static final long SIZE = 8_000_000;
  private static final double ALONE = SIZE / RATE; // one vector over one link

  private static ScheduleSource algorithm(String name, Collective collective, int n, int pieces) {
    return ScheduleSource.of(Algorithms.named(name).scheduleSet(collective, n, 0, pieces));
  }

  /// Makes schedules of one chunk by hand.
  private static ScheduleSource schedules(int ranks, ObjIntConsumer<ScheduleBuilder> steps) {
    return ScheduleSource.of(
        ScheduleSet.of(
            ranks,
            rank -> {
              ScheduleBuilder builder =
                  new ScheduleBuilder(Collective.ALL_REDUCE, ranks, rank, 0, Partition.even(1));
              steps.accept(builder, rank);
              return builder.build();
            }));
  }

  private static double seconds(Topology topology, ScheduleSource source) {
    return new Simulator(topology, Stars.linksOnly()).predict(source, SIZE).seconds();
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-9 * expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 13})
  void shouldTakeTwoLapsForARing(int n) {
    double seconds = seconds(Stars.of(n), algorithm("ring", Collective.ALL_REDUCE, n, 1));

    assertClose(seconds, 2 * (n - 1) * (ALONE / n + LATENCY));
  }

  @Test
  void shouldAddTheCostOfMessagesAndOfReducing() {
    int n = 4;
    double message = 3e-6;
    double gamma = 0.5e-9;
    SimulationOptions options = Stars.linksOnly().withCosts(message, gamma, 0);
    Simulator simulator = new Simulator(Stars.of(n), options);

    double seconds =
        simulator.predict(algorithm("ring", Collective.ALL_REDUCE, n, 1), SIZE).seconds();

    double step = ALONE / n + LATENCY + message;
    assertClose(seconds, 2 * (n - 1) * step + (n - 1) * gamma * SIZE / n);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 9})
  void shouldPipelineAChain(int n) {
    int slices = 10;
    Simulator simulator =
        new Simulator(Stars.of(n), Stars.linksOnly().withSliceBytes(SIZE / slices));

    double seconds =
        simulator.predict(algorithm("ring", Collective.BROADCAST, n, 1), SIZE).seconds();

    assertClose(seconds, ALONE + (n - 2) * ALONE / slices + (n - 1) * LATENCY);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8, 16})
  void shouldTakeOneRoundForEachLevelOfABinomialTree(int n) {
    double seconds = seconds(Stars.of(n), algorithm("binomial-tree", Collective.BROADCAST, n, 1));

    int levels = Integer.numberOfTrailingZeros(n);
    assertClose(seconds, levels * (ALONE + LATENCY));
  }

  @Test
  void shouldShareALinkEqually() {
    double seconds =
        seconds(
            Stars.of(3),
            schedules(
                3,
                (steps, rank) -> {
                  if (rank == 0) {
                    steps.send(0, Operand.input(0), 1);
                    steps.send(1, Operand.input(0), 2);
                  } else {
                    steps.recv(rank - 1, Operand.output(0), 0);
                  }
                }));

    assertClose(seconds, 2 * ALONE + LATENCY);
  }

  @Test
  void shouldShareTheReceiversLinkAmongManySenders() {
    int n = 6;
    double seconds =
        seconds(
            Stars.of(n),
            schedules(
                n,
                (steps, rank) -> {
                  if (rank > 0) {
                    steps.send(rank, Operand.input(0), 0);
                  } else {
                    for (int peer = 1; peer < n; peer++) {
                      steps.recv(peer, Operand.scratch(peer), peer);
                    }
                  }
                }));

    assertClose(seconds, (n - 1) * ALONE + LATENCY);
  }

  @Test
  void shouldCarryBothDirectionsAtOnce() {
    double seconds =
        seconds(
            Stars.of(2),
            schedules(
                2,
                (steps, rank) -> {
                  steps.send(rank, Operand.input(0), 1 - rank);
                  steps.recv(1 - rank, Operand.output(0), 1 - rank);
                }));

    assertClose(seconds, ALONE + LATENCY);
  }

  @Test
  void shouldGiveTheFastFlowWhatTheSlowOneLeaves() {
    // To rank 1 over a quarter of the rate, to rank 2 over the rest.
    double seconds =
        seconds(
            Stars.ofRates(RATE, RATE / 4, RATE),
            schedules(
                3,
                (steps, rank) -> {
                  if (rank == 0) {
                    steps.send(1, Operand.input(0), 1);
                    steps.send(2, Operand.input(0), 2);
                  } else {
                    steps.recv(rank, Operand.output(0), 0);
                  }
                }));

    assertClose(seconds, 4 * ALONE + LATENCY);
  }

  @Test
  void shouldSendAheadOnlyAsFarAsThereAreSlots() {
    // Rank 1 takes lane 1 only when lane 0 is through, which rank 2 feeds at the same time.
    ScheduleSource source =
        schedules(
            3,
            (steps, rank) -> {
              if (rank == 0) {
                steps.send(1, Operand.input(0), 1);
              } else if (rank == 2) {
                steps.send(0, Operand.input(0), 1);
              } else {
                Dependency first = steps.recv(0, Operand.scratch(0), 2);
                steps.recv(1, Operand.output(0), 0, first);
              }
            });
    SimulationOptions options = Stars.linksOnly().withSliceBytes(SIZE / 16); // 4 slots
    Simulator simulator = new Simulator(Stars.of(3), options);

    double seconds = simulator.predict(source, SIZE).seconds();

    // A quarter of the second message comes beside the first, the rest after that has arrived.
    assertClose(seconds, ALONE + ALONE / 4 + LATENCY + ALONE * 3 / 4 + LATENCY);
  }

  @Test
  void shouldUseWhatWasMeasured() {
    Topology nominal = Stars.of(2);
    Topology.Builder builder = nominal.toBuilder();
    builder.links(
        nominal.links().stream()
            .map(link -> link.withMeasured(new Measurement(RATE / 2, null, null, 1e-3)))
            .toList());

    double seconds = seconds(builder.build(), algorithm("ring", Collective.BROADCAST, 2, 1));

    assertClose(seconds, 2 * ALONE + 2e-3);
  }

  @Test
  void shouldLetRanksOfANodeShareItsMemory() {
    Topology topology =
        Topology.builder("one host")
            .node("host", NodeKind.HOST, "host", null)
            .rank(0, "host")
            .rank(1, "host")
            .build();
    SimulationOptions options = Stars.linksOnly();

    double seconds = seconds(topology, algorithm("ring", Collective.BROADCAST, 2, 1));

    assertThat(seconds)
        .isCloseTo(SIZE / options.nodeBytesPerSecond(), within(1e-6)); // and a latency
  }

  @Test
  void shouldTellEveryMessageInOrder() {
    List<String> told = new ArrayList<>();

    new Simulator(Stars.of(3), Stars.linksOnly())
        .predict(
            algorithm("ring", Collective.BROADCAST, 3, 1),
            SIZE,
            (from, to, lane, chunk, bytes, start, end) ->
                told.add(
                    from
                        + ">"
                        + to
                        + " lane "
                        + lane
                        + " chunk "
                        + chunk
                        + " "
                        + Math.round(start * 1e6)
                        + "-"
                        + Math.round(end * 1e6)));

    assertThat(told).containsExactly("0>1 lane 0 chunk 0 0-8010", "1>2 lane 0 chunk 0 8010-16020");
  }

  @Test
  void shouldExplainWhatIsMissing() {
    ScheduleSource pair = algorithm("ring", Collective.BROADCAST, 2, 1);
    Topology.Builder apart =
        Topology.builder("apart")
            .node("a", NodeKind.HOST, "a", null)
            .node("b", NodeKind.HOST, "b", null)
            .rank(0, "a")
            .rank(1, "b");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> seconds(Stars.of(1), pair))
        .withMessage("rank 1 has no place in topology 'star'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> seconds(apart.build(), pair))
        .withMessage("there is no way from rank 0 (a) to rank 1 (b)");
    apart.cable(Link.of("a", "b", LinkKind.UNKNOWN, null, "test"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> seconds(apart.build(), pair))
        .withMessage("no link has a known capacity on the way from rank 0 (a) to rank 1 (b)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> seconds(Stars.ofRates(RATE, 0), pair))
        .withMessageContaining("link switch -> host1 carries nothing");
  }

  @Test
  void shouldRejectSchedulesThatCannotRun() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            seconds(
                Stars.of(2),
                schedules(
                    2,
                    (steps, rank) -> {
                      if (rank == 0) {
                        steps.send(0, Operand.input(0), 1);
                      }
                    })))
        .withMessage("rank 0, lane 0: a step sends a message that nobody receives");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            seconds(
                Stars.of(2),
                schedules(
                    2,
                    (steps, rank) -> {
                      steps.recv(0, Operand.output(0), 1 - rank);
                      steps.send(0, Operand.input(0), 1 - rank);
                    })))
        .withMessageContaining("gets stuck");
  }

  @Test
  void shouldRefuseWhatIsTooLarge() {
    SimulationOptions options = Stars.linksOnly().withLimits(1000, 50);
    Simulator simulator = new Simulator(Stars.of(8), options);

    assertThatThrownBy(
            () -> simulator.predict(algorithm("ring", Collective.ALL_REDUCE, 8, 1), SIZE))
        .isInstanceOf(SimulationLimitException.class)
        .hasMessageContaining("128 steps")
        .hasMessageContaining("up to 50");
  }

  @Test
  void shouldTakeLargerSlicesWhereThereWereTooMany() {
    SimulationOptions options = Stars.linksOnly().withSliceBytes(1000).withLimits(4000, 1000);
    Simulator simulator = new Simulator(Stars.of(4), options);

    Prediction prediction = simulator.predict(algorithm("ring", Collective.BROADCAST, 4, 1), SIZE);

    assertThat(prediction.sliceBytes()).isEqualTo(8000);
  }
}
