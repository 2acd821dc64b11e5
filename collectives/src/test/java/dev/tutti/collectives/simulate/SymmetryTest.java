package dev.tutti.collectives.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One unit of hosts must take as long as all of them.
final class SymmetryTest {
  private static final long SIZE = 64 << 20;

  private static ScheduleSource source(String name, Collective collective, int n, int perHost) {
    if (name.equals(HierarchicalAllReduce.NAME)) {
      int[] hostOf = IntStream.range(0, n).map(rank -> rank / perHost).toArray();
      return new ScheduleSource(n, HierarchicalAllReduce.scheduleOfRank(hostOf, 1));
    }
    Algorithm algorithm = Algorithms.named(name);
    return new ScheduleSource(n, rank -> algorithm.schedule(collective, n, rank, 0, 4));
  }

  private static Topology preset(String name, int hosts) {
    return Presets.byName(name).make(PresetOptions.ofHosts(hosts));
  }

  @ParameterizedTest
  @CsvSource({
    "ring, ALL_REDUCE, 1",
    "ring, ALL_GATHER, 1",
    "ring, REDUCE_SCATTER, 1",
    "direct, ALL_REDUCE, 1",
    "flat, ALL_GATHER, 1",
    "flat, ALL_REDUCE, 12",
    "dissemination, BARRIER, 1"
  })
  void shouldFoldAStarWhereRanksDoTheSame(String name, Collective collective, int unit) {
    Topology star = Stars.of(12);
    SimulationOptions options = SimulationOptions.ofProcesses();
    ScheduleSource source = source(name, collective, 12, 1);

    Prediction folded = new Simulator(star, options, 0).predict(source, SIZE);
    Prediction full = new Simulator(star, options).predict(source, SIZE);

    assertThat(folded.simulatedRanks()).isEqualTo(unit);
    assertThat(full.simulatedRanks()).isEqualTo(12);
    assertThat(folded.seconds()).isCloseTo(full.seconds(), within(1e-3 * full.seconds()));
    assertThat(folded.messageBytes()).isCloseTo(full.messageBytes(), within(1.0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "hierarchical"})
  void shouldFoldHostsOfDevices(String name) {
    Topology topology = preset("hgx-h800", 4);
    SimulationOptions options = SimulationOptions.ofDevices();
    ScheduleSource source = source(name, Collective.ALL_REDUCE, 32, 8);

    Prediction folded = new Simulator(topology, options, 0).predict(source, SIZE);
    Prediction full = new Simulator(topology, options).predict(source, SIZE);

    // Which of two simultaneous messages goes first is decided by lane, and lanes are renamed.
    assertThat(folded.simulatedRanks()).isEqualTo(8);
    assertThat(folded.seconds()).isCloseTo(full.seconds(), within(0.03 * full.seconds()));
  }

  @Test
  void shouldNotFoldWhenOneLinkIsSlow() {
    double[] rates = new double[12];
    java.util.Arrays.fill(rates, 1e9);
    rates[7] = 0.5e9;

    Prediction prediction =
        new Simulator(Stars.ofRates(rates), SimulationOptions.ofProcesses(), 0)
            .predict(source("ring", Collective.ALL_REDUCE, 12, 1), SIZE);

    assertThat(prediction.simulatedRanks()).isEqualTo(12);
  }

  @Test
  void shouldNotFoldWhenRanksDoDifferentThings() {
    Prediction prediction =
        new Simulator(Stars.of(12), SimulationOptions.ofProcesses(), 0)
            .predict(source("double-binary-tree", Collective.ALL_REDUCE, 12, 1), SIZE);

    assertThat(prediction.simulatedRanks()).isEqualTo(12);
  }

  @Test
  void shouldSimulate512RanksOneByOne() {
    ScheduleSource source = source("double-binary-tree", Collective.ALL_REDUCE, 512, 8);

    Prediction prediction =
        new Simulator(preset("hgx-h800", 64), SimulationOptions.ofDevices()).predict(source, SIZE);

    assertThat(prediction.simulatedRanks()).isEqualTo(512);
    assertThat(prediction.messages()).isEqualTo(2 * 2 * 511 * 4);
    assertThat(prediction.messageBytes()).isCloseTo(2.0 * 511 * SIZE, within(1e3));
  }

  @Test
  void shouldSimulateARingOf16384Ranks() {
    int n = 16_384;
    ScheduleSource source = source("ring", Collective.ALL_REDUCE, n, 8);

    Prediction prediction =
        new Simulator(preset("hgx-h800", n / 8), SimulationOptions.ofDevices())
            .predict(source, 1L << 30);

    assertThat(prediction.simulatedRanks()).isEqualTo(8);
    assertThat(prediction.messages()).isEqualTo(2L * (n - 1) * 8);
    assertThat(prediction.messageBytes())
        .isCloseTo(2.0 * (n - 1) * (1L << 30), within(1e-6 * prediction.messageBytes()));
    assertThat(prediction.seconds()).isGreaterThan(2.0 * (1L << 30) / 50e9);
  }
}
