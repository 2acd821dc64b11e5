package dev.tutti.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class TopologyTest {
  private static final String ORIGIN = "test";

  /// Two hosts with a device each, one switch between the devices.
  static Topology pair() {
    return Topology.builder("pair")
        .node("alder", NodeKind.HOST, "alder", null)
        .node("alder/gpu0", NodeKind.DEVICE, "GPU 0", "alder")
        .node("birch", NodeKind.HOST, "birch", null)
        .node("birch/gpu0", NodeKind.DEVICE, "GPU 0", "birch")
        .node("switch", NodeKind.SWITCH, "switch", null)
        .cable(Link.of("alder/gpu0", "switch", LinkKind.ETHERNET, 125e6, ORIGIN))
        .link(Link.of("birch/gpu0", "switch", LinkKind.ETHERNET, 125e6, ORIGIN))
        .rank(1, "alder/gpu0")
        .rank(0, "birch/gpu0")
        .build();
  }

  @Test
  void shouldFindLinksByTheirEnds() {
    Topology topology = pair();

    assertThat(topology.linksTo("switch"))
        .extracting(Link::from)
        .containsExactly("alder/gpu0", "birch/gpu0");
    assertThat(topology.links("switch", "alder/gpu0")).hasSize(1);
    assertThat(topology.links("switch", "birch/gpu0")).isEmpty();
  }

  @Test
  void shouldFindWhatIsInsideOfWhat() {
    Topology topology = pair();

    assertThat(topology.roots()).extracting(Node::id).containsExactly("alder", "birch", "switch");
    assertThat(topology.children("birch")).extracting(Node::id).containsExactly("birch/gpu0");
    assertThat(topology.enclosing("birch/gpu0", NodeKind.HOST))
        .extracting(Node::id)
        .isEqualTo("birch");
    assertThat(topology.enclosing("switch", NodeKind.HOST)).isNull();
  }

  @Test
  void shouldOrderRanks() {
    assertThat(pair().ranks().values()).containsExactly("birch/gpu0", "alder/gpu0");
    assertThat(pair().ranksOn("birch/gpu0")).containsExactly(0);
  }

  @Test
  void shouldPreferWhatWasMeasured() {
    Link link = Link.of("a", "b", LinkKind.ETHERNET, 100.0, ORIGIN);

    assertThat(link.bestKnownBytesPerSecond()).isEqualTo(100);
    assertThat(link.withMeasured(Measurement.ofRate(25)).bestKnownBytesPerSecond()).isEqualTo(25);
    assertThat(link.withMeasured(Measurement.ofRate(25)).health()).isEqualTo(0.25);
    assertThat(link.health()).isNull();
    assertThat(link.withMeasured(Measurement.ofRate(25)).reversed().measured()).isNull();
  }

  @Test
  void shouldSayWhatIsWrongWhenPartsDoNotFit() {
    Topology.Builder builder = Topology.builder("t").node("a", NodeKind.HOST, "a", null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.node("a", NodeKind.HOST, "a", null))
        .withMessage("there are two nodes 'a'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.node("b", NodeKind.NIC, "b", "c"))
        .withMessage("node 'b' is inside of 'c', which is not there");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.link(Link.of("a", "b", LinkKind.PCIE, null, ORIGIN)))
        .withMessage("link a -> b ends at 'b', which is not there");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Link.of("a", "b", LinkKind.PCIE, -1.0, ORIGIN))
        .withMessage("capacityBytesPerSecond is -1.0, expected a number >= 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.rank(0, "a").rank(0, "a"))
        .withMessage("rank 0 is placed twice");
  }
}
