package dev.tutti.topology.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.TopologyJson;
import org.jgrapht.alg.connectivity.ConnectivityInspector;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.Pseudograph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PresetsTest {
  static Iterable<Preset> all() {
    return Presets.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void shouldJoinAllRanksInAnySize(Preset preset) {
    for (int hosts : new int[] {1, 2, 3, 33, preset.defaultHosts()}) {
      Topology topology = preset.make(PresetOptions.ofHosts(hosts));

      var graph = new Pseudograph<String, DefaultEdge>(DefaultEdge.class);
      topology.nodes().forEach(node -> graph.addVertex(node.id()));
      topology.links().forEach(link -> graph.addEdge(link.from(), link.to()));
      var inspector = new ConnectivityInspector<>(graph);
      String first = topology.ranks().firstEntry().getValue();
      assertThat(topology.nodes(NodeKind.HOST)).hasSize(hosts);
      assertThat(topology.ranks().values())
          .allSatisfy(rank -> assertThat(inspector.pathExists(first, rank)).isTrue());
      assertThat(topology.ranks().lastKey()).isEqualTo(topology.ranks().size() - 1);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void shouldSurviveTheOwnFormat(Preset preset) {
    Topology topology = preset.make(PresetOptions.ofHosts(2));

    assertThat(TopologyJson.parse("preset", TopologyJson.text(topology))).isEqualTo(topology);
  }

  // What a device sends to the other devices of its host, GB/s.
  @ParameterizedTest
  @CsvSource({
    "dgx-1, NVLINK, 150",
    "hgx-a100, NVSWITCH, 300",
    "hgx-h100, NVSWITCH, 450",
    "hgx-h800, NVSWITCH, 200",
    "hgx-h200, NVSWITCH, 450",
    "hgx-b200, NVSWITCH, 900",
    "gb200-nvl72, NVSWITCH, 900",
    "deepseek-r1, NVSWITCH, 200",
    "ascend-910a, HCCS, 20",
    "ascend-910b, HCCS, 196",
    "ascend-a3, HCCS_SWITCH, 196",
    "cloudmatrix-384, UB, 196"
  })
  void shouldHaveTheBandwidthOfTheDataSheet(String name, LinkKind kind, double gigabytes) {
    Topology topology = Presets.byName(name).make(PresetOptions.ofHosts(1));

    assertThat(topology.nodes(NodeKind.DEVICE))
        .allSatisfy(device -> {
          double sum =
              topology.linksFrom(device.id()).stream()
                  .filter(link -> link.kind() == kind)
                  .mapToDouble(PresetsTest::capacity)
                  .sum();
          assertThat(sum / 1e9).isCloseTo(gigabytes, within(1e-9));
        });
  }

  @Test
  void shouldDivideTheTrunkByTheOversubscription() {
    Topology topology = Presets.byName("ethernet-racks").make(new PresetOptions(8, 4, 8, 125e6));

    Link trunk = topology.links("rack1/leaf", "core").getFirst();
    assertThat(capacity(trunk)).isEqualTo(4 * 125e6 / 8);
    assertThat(topology.nodes(NodeKind.GROUP)).hasSize(2);
  }

  @Test
  void shouldSayWhatThereIsWhenANameIsUnknown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Presets.byName("dgx-2"))
        .withMessageStartingWith("no preset 'dgx-2'; there are [dgx-1, hgx-a100, ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PresetOptions.ofHosts(0))
        .withMessage("hosts is 0, expected 1 to 65536");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Presets.byName("fire-flyer").make(PresetOptions.ofHosts(1601)))
        .withMessage("hosts is 1601, but two zones hold 1600");
  }

  private static double capacity(Link link) {
    Double rate = link.capacityBytesPerSecond();
    assertThat(rate).isNotNull();
    return rate == null ? 0 : rate;
  }
}
