package dev.tutti.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DegradationTest {
  private final Topology machine =
      Presets.byName("ascend-910b").make(new PresetOptions(1, 0, 1, 0));

  private static List<Link> between(Topology topology, int a, int b) {
    return topology.links(
        topology.ranks().getOrDefault(a, ""), topology.ranks().getOrDefault(b, ""));
  }

  @Test
  void shouldTakeAwayLinksBetweenRanks() {
    Topology damaged = Degradation.parse("link=0-1:0").applyTo(machine);

    assertThat(between(damaged, 0, 1)).isEmpty();
    assertThat(between(damaged, 1, 0)).isEmpty();
    assertThat(damaged.links()).hasSize(machine.links().size() - 2);
  }

  @Test
  void shouldLeaveAPartOfBothDirections() {
    Link whole = between(machine, 2, 5).getFirst();
    String spec = "link=" + whole.from() + "-" + whole.to() + ":0.25";

    Topology damaged = Degradation.parse(spec).applyTo(machine);

    assertThat(between(damaged, 2, 5)).containsExactly(whole.scaled(0.25));
    assertThat(between(damaged, 5, 2)).containsExactly(whole.reversed().scaled(0.25));
    assertThat(whole.scaled(0.25).capacityBytesPerSecond()).isEqualTo(7e9);
    assertThat(between(damaged, 2, 4)).isEqualTo(between(machine, 2, 4));
  }

  @Test
  void shouldLeaveAPartOfWhatWasMeasured() {
    Topology measured =
        Topology.builder("two")
            .node("a-0", NodeKind.DEVICE, "a", null)
            .node("b", NodeKind.DEVICE, "b", null)
            .link(
                Link.of("a-0", "b", LinkKind.ETHERNET, 100.0, "test")
                    .withMeasured(new Measurement(80, 70.0, 90.0, 1e-6)))
            .build();

    Link left = Degradation.parse("link=a-0-b:0.5").applyTo(measured).links().getFirst();

    assertThat(left.measured()).isEqualTo(new Measurement(40, 35.0, 45.0, 1e-6));
  }

  @Test
  void shouldDegradeNicByNumberOrName() {
    Node nic = machine.nodes(NodeKind.NIC).get(3);

    Topology byNumber = Degradation.parse("nic=3:0").applyTo(machine);
    Topology byName = Degradation.parse("nic=" + nic.id() + ":0").applyTo(machine);

    assertThat(byNumber.linksFrom(nic.id())).isEmpty();
    assertThat(byNumber.linksTo(nic.id())).isEmpty();
    assertThat(byName).isEqualTo(byNumber);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "link", "link=0-1", "link=0-1:2", "link=0-1:-1", "link=0-1:x", "cpu=3:0"})
  void shouldSayWhatIsExpected(String spec) {
    assertThatThrownBy(() -> Degradation.parse(spec))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + spec + "': expected link=RANK-RANK:FACTOR");
  }

  @ParameterizedTest
  @ValueSource(strings = {"link=0-9:0", "link=0:0", "nic=99:0", "nic=eth7:0", "link=0-0:0"})
  void shouldRefuseWhatIsNotThere(String spec) {
    assertThatThrownBy(() -> Degradation.parse(spec).applyTo(machine))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + spec + "': ");
  }

  @Test
  void shouldRefuseAPartOfWhatNobodyKnows() {
    Topology unknown =
        Topology.builder("two")
            .node("a", NodeKind.DEVICE, "a", null)
            .node("b", NodeKind.DEVICE, "b", null)
            .link(Link.of("a", "b", LinkKind.UNKNOWN, null, "test"))
            .build();

    assertThatThrownBy(() -> Degradation.parse("link=a-b:0.5").applyTo(unknown))
        .hasMessage("'link=a-b:0.5': nobody knows what a -> b carries");
  }
}
