package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SymmetryTest {
  @Test
  void shouldFindPortsOfEqualRateAlike() {
    FlowGraph graph = graph(Nets.star(1, 2, 1, 2, 3));

    int[] orbits = orbitsOfRanks(graph, Symmetry.of(graph, -1));

    assertThat(orbits).containsExactly(orbits[0], orbits[1], orbits[0], orbits[1], orbits[4]);
    assertThat(Arrays.stream(orbits).distinct().count()).isEqualTo(3);
  }

  @Test
  void shouldKeepTheRootApart() {
    FlowGraph graph = graph(Nets.mesh(5, 1, List.of()));

    Orbits orbits = Symmetry.of(graph, graph.rankNodes()[2]);

    assertThat(orbits.nodeOrbits()).isEqualTo(2);
    assertThat(orbits.linkOrbits()).isEqualTo(3);
    assertThat(orbits.representatives(graph.rankNodes())).containsExactly(0, 2);
  }

  @Test
  void shouldNotBelieveColours() {
    // A ring of six and two rings of three: every node has two neighbours with two neighbours.
    Topology.Builder builder = Topology.builder("rings");
    for (int v = 0; v < 12; v++) {
      builder.node("r" + v, NodeKind.DEVICE, "r" + v, null).rank(v, "r" + v);
    }
    for (int v = 0; v < 12; v++) {
      int length = v < 6 ? 6 : 3;
      int begin = v - v % length;
      builder.cable(Nets.link("r" + v, "r" + (begin + (v + 1) % length), 1.0));
    }
    FlowGraph graph = graph(builder.build());

    int[] orbits = orbitsOfRanks(graph, Symmetry.of(graph, -1));

    assertThat(Arrays.copyOf(orbits, 6)).containsOnly(orbits[0]);
    assertThat(Arrays.copyOfRange(orbits, 6, 12)).containsOnly(orbits[6]).doesNotContain(orbits[0]);
  }

  @ParameterizedTest
  @CsvSource({
    "dgx-1, 1, 2",
    "dgx-1, 12, 2",
    "hgx-h800, 32, 1",
    "ascend-910b, 32, 1",
    "cloudmatrix-384, 24, 1",
    "fire-flyer, 40, 1",
    "gb200-nvl72, 18, 1"
  })
  void shouldFindHostsOfOneKindAlike(String preset, int hosts, int kinds) {
    FlowGraph graph = graph(Presets.byName(preset).make(PresetOptions.ofHosts(hosts)));

    Orbits orbits = Symmetry.of(graph, -1);

    assertThat(orbits.representatives(graph.rankNodes())).hasSize(kinds);
    assertThat(orbits.linkOrbits()).isLessThan(30);
  }

  @ParameterizedTest
  @CsvSource({"0-1", "0-1 2-3", "0-1 1-2"})
  void shouldNotChangeTheOptimum(String missing) {
    FlowGraph graph = graph(Nets.mesh(6, 1, List.of(missing.split(" "))));
    List<Double> seconds = new ArrayList<>();

    for (Orbits orbits : List.of(none(graph), Symmetry.of(graph, -1))) {
      LoadProgram.Solution known = new LoadProgram.Solution(0, Double.POSITIVE_INFINITY);
      LoadProgram program = LoadProgram.of(graph, orbits, null, true, 1);
      LoadProgram.Solution solution = program.solve(null, known, Long.MAX_VALUE);
      assertThat(solution.isExact()).isTrue();
      seconds.add(solution.lower());
    }

    assertThat(seconds.get(1)).isCloseTo(seconds.get(0), withinPercentage(0.02));
  }

  private static Orbits none(FlowGraph graph) {
    return new Orbits(
        IntStream.range(0, graph.nodes()).toArray(), IntStream.range(0, graph.links()).toArray());
  }

  private static FlowGraph graph(Topology topology) {
    return new GraphReduction(topology).graph();
  }

  private static int[] orbitsOfRanks(FlowGraph graph, Orbits orbits) {
    return Arrays.stream(graph.rankNodes()).map(v -> orbits.node()[v]).toArray();
  }
}
