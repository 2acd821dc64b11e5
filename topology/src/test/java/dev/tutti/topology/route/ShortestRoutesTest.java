package dev.tutti.topology.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ShortestRoutesTest {
  @Test
  void shouldSpreadOverEquallyShortWaysByCapacity() {
    Topology topology =
        Topology.builder("diamond")
            .node("a", NodeKind.DEVICE, "a", null)
            .node("b", NodeKind.DEVICE, "b", null)
            .node("s", NodeKind.SWITCH, "s", null)
            .node("t", NodeKind.SWITCH, "t", null)
            .cable(Link.of("a", "s", LinkKind.NVSWITCH, 30.0, "test"))
            .cable(Link.of("a", "t", LinkKind.NVSWITCH, 10.0, "test"))
            .cable(Link.of("s", "b", LinkKind.NVSWITCH, 30.0, "test"))
            .cable(Link.of("t", "b", LinkKind.NVSWITCH, 10.0, "test"))
            .build();

    Map<Link, Double> shares = new ShortestRoutes(topology).shares("a", "b");

    assertThat(shares).hasSize(4);
    assertThat(shares.get(topology.links("a", "s").getFirst())).isCloseTo(0.75, within(1e-9));
    assertThat(shares.get(topology.links("t", "b").getFirst())).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void shouldUseAllSpinesOfAFatTree() {
    Topology topology = Presets.byName("hgx-h800").make(PresetOptions.ofHosts(2));

    Map<Link, Double> shares =
        new ShortestRoutes(topology).shares(place(topology, 0), place(topology, 9)); // another rail

    double intoSpines =
        shares.entrySet().stream()
            .filter(entry -> entry.getKey().to().startsWith("spine"))
            .mapToDouble(Map.Entry::getValue)
            .sum();
    assertThat(shares.keySet()).filteredOn(link -> link.to().startsWith("spine")).hasSize(8);
    assertThat(intoSpines).isCloseTo(1, within(1e-9));
  }

  private static String place(Topology topology, int rank) {
    return Objects.requireNonNull(topology.ranks().get(rank));
  }

  @Test
  void shouldBeEmptyWhereThereIsNoWay() {
    Topology topology =
        Topology.builder("apart")
            .node("a", NodeKind.HOST, "a", null)
            .node("b", NodeKind.HOST, "b", null)
            .build();

    assertThat(new ShortestRoutes(topology).shares("a", "b")).isEmpty();
    assertThat(new ShortestRoutes(topology).shares("a", "a")).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ShortestRoutes(topology).shares("a", "c"));
  }
}
