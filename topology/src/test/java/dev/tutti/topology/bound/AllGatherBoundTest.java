package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AllGatherBoundTest {
  private static final String ORIGIN = "test";

  @Test
  void shouldBeBoundByThePortsWhenTheCoreIsNot() {
    LimitingCut cut = limiting(star(8, 100, -1, 0));

    // Each rank receives 7/8 of all through its port.
    assertThat(cut.allGatherSeconds(800)).isCloseTo(7.0, within(1e-6));
    assertThat(cut.busBytesPerSecond()).isCloseTo(100, within(1e-6));
  }

  @Test
  void shouldNameTheSlowPort() {
    LimitingCut cut = limiting(star(8, 100, 3, 50));

    assertThat(cut.crossing()).extracting(Link::to).containsExactly("r3");
    assertThat(cut.allGatherSeconds(800)).isCloseTo(14.0, within(1e-6));
  }

  @Test
  void shouldNameTheTrunkOfARack() {
    Topology racks = Presets.byName("ethernet-racks").make(new PresetOptions(8, 4, 8, 125e6));

    LimitingCut cut = limiting(racks);

    assertThat(cut.exact()).isTrue();
    assertThat(cut.crossing())
        .singleElement()
        .satisfies(link -> assertThat(link.kind()).isEqualTo(LinkKind.ETHERNET));
    assertThat(cut.bytesPerSecond()).isEqualTo(62.5e6);
    assertThat(cut.ranksInside()).isEqualTo(4);
  }

  @Test
  void shouldPreferWhatWasMeasured() {
    Topology healthy = star(4, 100, -1, 0);
    Topology.Builder sick = healthy.toBuilder();
    sick.links(
        healthy.links().stream()
            .map(link -> link.from().equals("r2") ? link.withMeasured(Measurement.ofRate(5)) : link)
            .toList());

    LimitingCut cut = limiting(sick.build());

    assertThat(cut.inside()).containsExactly("r2");
    assertThat(cut.bytesPerSecond()).isEqualTo(5);
  }

  @Test
  void shouldBeUnknownWhenNothingIsKnown() {
    Topology topology =
        Topology.builder("t")
            .node("a", NodeKind.HOST, "a", null)
            .node("b", NodeKind.HOST, "b", null)
            .cable(Link.of("a", "b", LinkKind.UNKNOWN, null, ORIGIN))
            .rank(0, "a")
            .rank(1, "b")
            .build();

    assertThat(AllGatherBound.of(topology)).isNull();
  }

  @Test
  void shouldNameTheNicsWhenTheInsideIsFaster() {
    Topology topology = Presets.byName("hgx-h800").make(new PresetOptions(2, 0, 1, 12.5e9));

    LimitingCut cut = limiting(topology);

    assertThat(cut.ranksInside()).isEqualTo(8);
    assertThat(cut.bytesPerSecond()).isCloseTo(8 * 12.5e9, within(1.0));
  }

  @Test
  void shouldPassOverLinksOfWhichNothingIsKnown() {
    LimitingCut cut = limiting(Presets.byName("ascend-910b").make(PresetOptions.ofHosts(1)));

    // Each device receives from seven others at 28 GB/s, and over PCI Express.
    assertThat(cut.ranksInside()).isEqualTo(7);
    assertThat(cut.busBytesPerSecond()).isGreaterThan(7 * 28e9);
  }

  // Against every subset of nodes, on small random graphs.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void shouldEqualTheWorstOfAllCuts(int seed) {
    Topology topology = random(seed);

    LimitingCut cut = limiting(topology);

    assertThat(cut.ranksInside() / cut.bytesPerSecond())
        .isCloseTo(worstOfAllCuts(topology), within(1e-5));
  }

  private static LimitingCut limiting(Topology topology) {
    return Objects.requireNonNull(AllGatherBound.of(topology));
  }

  private static Topology star(int ranks, double rate, int slow, double slowRate) {
    Topology.Builder builder = Topology.builder("star").node("s", NodeKind.SWITCH, "s", null);
    for (int r = 0; r < ranks; r++) {
      builder.node("r" + r, NodeKind.HOST, "r" + r, null);
      builder.cable(Link.of("r" + r, "s", LinkKind.ETHERNET, r == slow ? slowRate : rate, ORIGIN));
      builder.rank(r, "r" + r);
    }
    return builder.build();
  }

  private static Topology random(int seed) {
    Random random = new Random(seed);
    int nodes = 4 + random.nextInt(6);
    int ranks = 2 + random.nextInt(nodes - 2);
    Topology.Builder builder = Topology.builder("random " + seed);
    for (int v = 0; v < nodes; v++) {
      builder.node("v" + v, v < ranks ? NodeKind.DEVICE : NodeKind.SWITCH, "v" + v, null);
    }
    for (int v = 0; v < nodes; v++) {
      builder.cable(Link.of("v" + v, "v" + (v + 1) % nodes, LinkKind.UNKNOWN, 1.0 + v % 3, ORIGIN));
      int other = random.nextInt(nodes);
      if (other != v) {
        double rate = 1 + random.nextInt(9);
        builder.link(Link.of("v" + v, "v" + other, LinkKind.UNKNOWN, rate, ORIGIN));
      }
    }
    for (int r = 0; r < ranks; r++) {
      builder.rank(r, "v" + r);
    }
    return builder.build();
  }

  private static double worstOfAllCuts(Topology topology) {
    List<String> ids = topology.nodes().stream().map(node -> node.id()).toList();
    double worst = 0;
    for (int mask = 1; mask < 1 << ids.size(); mask++) {
      Set<String> inside = new HashSet<>();
      for (int i = 0; i < ids.size(); i++) {
        if ((mask >> i & 1) == 1) {
          inside.add(ids.get(i));
        }
      }
      long ranks = topology.ranks().values().stream().filter(inside::contains).count();
      if (ranks == 0 || ranks == topology.ranks().size()) {
        continue;
      }
      double exit =
          topology.links().stream()
              .filter(link -> inside.contains(link.from()) && !inside.contains(link.to()))
              .mapToDouble(link -> Objects.requireNonNull(link.capacityBytesPerSecond()))
              .sum();
      worst = Math.max(worst, ranks / exit);
    }
    return worst;
  }
}
