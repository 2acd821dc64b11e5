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
    Topology topology = Presets.byName("fire-flyer").make(PresetOptions.ofHosts(40));

    // In another host, below another leaf.
    Map<Link, Double> shares =
        new ShortestRoutes(topology).shares(place(topology, 0), place(topology, 319));

    assertThat(shares.keySet()).filteredOn(link -> link.to().contains("spine")).hasSize(20);
    assertThat(shares.entrySet())
        .filteredOn(entry -> entry.getKey().to().contains("spine"))
        .allSatisfy(entry -> assertThat(entry.getValue()).isCloseTo(0.05, within(1e-9)));
  }

  @Test
  void shouldNotPassThroughOtherDevices() {
    Topology topology = Presets.byName("dgx-1").make(PresetOptions.ofHosts(1));

    // Devices 0 and 5 have no link; 0 - 1 - 5 would be two.
    Map<Link, Double> shares =
        new ShortestRoutes(topology).shares(place(topology, 0), place(topology, 5));

    assertThat(shares.keySet()).noneMatch(link -> link.kind() == LinkKind.NVLINK);
    assertThat(shares.keySet()).anyMatch(link -> link.kind() == LinkKind.SMP);
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
