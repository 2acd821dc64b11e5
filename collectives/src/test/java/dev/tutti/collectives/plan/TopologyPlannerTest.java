package dev.tutti.collectives.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.plan.TopologyCandidates.Candidate;
import dev.tutti.collectives.plan.TopologyPlanner.Ranked;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.simulate.SimulationOptions;
import dev.tutti.collectives.simulate.Simulator;
import dev.tutti.topology.Degradation;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TopologyPlannerTest {
  private static final long BYTES = 1L << 30;

  private static Topology preset(String name, int hosts, String... damage) {
    Topology topology = Presets.byName(name).make(new PresetOptions(hosts, 0, 1, 0));
    for (String spec : damage) {
      topology = Degradation.parse(spec).applyTo(topology);
    }
    return topology;
  }

  private static TopologyCandidates candidates(Topology topology) {
    return new TopologyCandidates(topology, Collective.ALL_REDUCE, 0, 0, TopologyCandidates.NOBODY);
  }

  private static Simulator simulator(Topology topology) {
    return new Simulator(topology, SimulationOptions.usual(topology));
  }

  private static List<Ranked> plan(Topology topology) {
    return new TopologyPlanner(
            candidates(topology), simulator(topology), topology.ranks().size(), _ -> {})
        .rank(BYTES, BYTES);
  }

  private static double gigabytes(Topology topology, Candidate form) {
    return BYTES / simulator(topology).predict(form.source(), BYTES).seconds() / 1e9;
  }

  private static double gigabytes(Ranked ranked) {
    return BYTES / ranked.prediction().seconds() / 1e9;
  }

  private static Ranked of(List<Ranked> ranking, String algorithm) {
    return ranking.stream()
        .filter(ranked -> ranked.candidate().algorithm().equals(algorithm))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldFillAnIntactMesh() {
    List<Ranked> ranking = plan(preset("ascend-910b", 1));

    // Four links of 28 GB/s: each of 7 links carries 1/4 of what a rank has.
    assertThat(gigabytes(ranking.getFirst())).isBetween(0.99 * 112, 112.0);
  }

  @Test
  void shouldPlanAroundAMissingLink() {
    Topology damaged = preset("ascend-910b", 1, "link=0-1:0");
    List<Ranked> ranking = plan(damaged);

    Ranked best = ranking.getFirst();
    assertThat(gigabytes(best)).isGreaterThan(1.3 * gigabytes(of(ranking, "mesh")));
    assertThat(best.candidate().algorithm()).isEqualTo("packed-trees");
    ScheduleSet set = ScheduleSet.of(8, best.candidate().source().scheduleOfRank());
    assertThat(ScheduleVerifier.verify(set, 0).isValid()).isTrue();
  }

  @Test
  void shouldTurnARingSoThatItAvoidsASlowLink() {
    Topology damaged = preset("ascend-910b", 1, "link=2-3:0.1");

    List<Candidate> forms = candidates(damaged).forms("ring", BYTES);

    assertThat(forms).hasSize(2);
    assertThat(forms.getLast().form()).startsWith("order ");
    assertThat(gigabytes(damaged, forms.getFirst())).isLessThan(2);
    assertThat(gigabytes(damaged, forms.getLast())).isBetween(0.98 * 16, 16.0); // 28 GB/s * 8 / 14
  }

  @Test
  void shouldUseAllNics() {
    Topology hosts = preset("hgx-h800", 2);
    TopologyCandidates candidates = candidates(hosts);

    // In each ring a host's data leave it by another NIC.
    assertThat(gigabytes(hosts, candidates.named(TopologyCandidates.RAIL_RINGS, BYTES)))
        .isGreaterThan(3 * gigabytes(hosts, candidates.named("ring", BYTES)));
  }

  @Test
  void shouldSayBestFirst() {
    List<Ranked> ranking = plan(preset("ethernet-racks", 4));

    assertThat(ranking).hasSizeGreaterThan(5);
    assertThat(ranking)
        .isSortedAccordingTo(Comparator.comparingDouble(r -> r.prediction().seconds()));
  }
}
