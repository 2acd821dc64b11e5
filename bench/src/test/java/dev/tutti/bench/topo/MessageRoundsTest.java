package dev.tutti.bench.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageRoundsTest {
  private static ScheduleSet ring(int ranks) {
    return Algorithms.named("ring").scheduleSet(Collective.ALL_REDUCE, ranks, 0, 1);
  }

  @Test
  void shouldTakeTwiceNMinusOneRoundsForARing() {
    List<List<MessageRounds.Message>> rounds = MessageRounds.of(ring(5));

    assertThat(rounds).hasSize(8).allSatisfy(round -> assertThat(round).hasSize(5));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 13})
  void shouldComeToTheEndOfEveryAlgorithm(int ranks) {
    for (Collective collective : Collective.values()) {
      for (Algorithm algorithm : Algorithms.supporting(collective, ranks)) {
        ScheduleSet set = algorithm.scheduleSet(collective, ranks, 0, 1);
        long sends =
            set.schedules().stream()
                .flatMap(schedule -> schedule.lanes().stream())
                .flatMap(lane -> lane.steps().stream())
                .filter(step -> step.kind().sends())
                .count();

        long messages = MessageRounds.of(set).stream().mapToLong(List::size).sum();

        assertThat(messages).as(algorithm.name()).isEqualTo(sends);
      }
    }
  }

  @Test
  void shouldPredictARingOverPortsByTheirRate() {
    Topology racks = Presets.byName("ethernet-racks").make(new PresetOptions(4, 4, 1, 125e6));

    Overlay overlay = PlanOverlay.of(racks, "ring", ring(4), 1 << 20);

    // Each port carries 2 (n - 1) / n of the vector each way.
    double expected = 1.5 * (1 << 20) / 125e6;
    assertThat(overlay.frames().getLast().endSeconds()).isCloseTo(expected, within(1e-9));
    assertThat(overlay.loads())
        .filteredOn(load -> load.to().endsWith("leaf"))
        .hasSize(4)
        .allSatisfy(load -> {
          assertThat(load.bytes()).isCloseTo(1.5 * (1 << 20), within(1.0));
          assertThat(load.busy()).isCloseTo(1, within(1e-6));
        });
    assertThat(Objects.requireNonNull(overlay.cut()).note()).endsWith(", 100 % of optimum");
    assertThat(overlay.title()).endsWith(", 100 % of optimum");
  }

  @Test
  void shouldCompareWithUnevenSharesWhereAPortIsSlow() {
    Topology racks = Presets.byName("ethernet-racks").make(new PresetOptions(8, 8, 1, 125e6));
    Topology.Builder builder = racks.toBuilder();
    builder.links(
        racks.links().stream()
            .map(link ->
                (link.from() + link.to()).contains("host3/numa0/nic0")
                        && link.kind() == LinkKind.ETHERNET
                    ? link.withMeasured(Measurement.ofRate(62.5e6))
                    : link)
            .toList());

    Overlay overlay = PlanOverlay.of(builder.build(), "ring", ring(8), 1 << 20);

    // 2 of 3.5 times the vector over one port.
    assertThat(overlay.title()).endsWith(", 57 % of optimum");
  }

  @Test
  void shouldRefuseRanksWithoutPlace() {
    Topology racks = Presets.byName("ethernet-racks").make(PresetOptions.ofHosts(2));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PlanOverlay.of(racks, "ring", ring(3), 1024))
        .withMessage("rank 2 of the plan has no place in topology 'ethernet-racks x 2'");
  }
}
