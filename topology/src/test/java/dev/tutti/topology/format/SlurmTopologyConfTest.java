package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SlurmTopologyConfTest {
  static final String TREE =
      """
      # two leaves and a spine
      SwitchName=leaf0 Nodes=node[00-02,7] LinkSpeed=900
      switchname=leaf1 nodes=\\
        rack[0-1]n[1-2],login   # a comment
      SwitchName=spine Switches=leaf[0-1] LinkSpeed=100Gb/s
      """;

  static final String BLOCKS =
      """
      BlockName=b1 Nodes=node[1-2]
      BlockName=b2 Nodes=node[3-4]
      BlockSizes=2,4
      """;

  @Test
  void shouldReadTrees() {
    Reading reading = read(TREE);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.nodes(NodeKind.HOST))
        .extracting(Node::id)
        .containsExactly(
            "node00", "node01", "node02", "node7", "rack0n1", "rack0n2", "rack1n1", "rack1n2",
            "login");
    assertThat(topology.links("switch:leaf0", "node00").getFirst())
        .satisfies(link -> {
          assertThat(link.capacityBytesPerSecond()).isNull();
          assertThat(link.attribute("linkSpeed")).isEqualTo("900");
        });
    assertThat(topology.links("switch:leaf0", "switch:spine").getFirst().capacityBytesPerSecond())
        .isEqualTo(12.5e9);
  }

  @Test
  void shouldReadBlocks() {
    Topology topology = read(BLOCKS).topology();

    assertThat(topology.node("node3").parent()).isEqualTo("block:b2");
    assertThat(topology.links("node3", "network:b2")).hasSize(1);
    assertThat(topology.attributes()).containsEntry("blocksizes", "2,4");
  }

  @Test
  void shouldWarnOfWhatIsOdd() {
    assertThat(texts("SwitchName=a Nodes=x\nSwitchName=a Nodes=y\nSwitchName=b Switches=a,c\n"))
        .containsExactly(
            "t.conf:2: warning: SwitchName a was defined in line 1 already; this one was left out",
            "t.conf:3: warning: b has the switch c, which is not defined");
    assertThat(texts("SwitchName=a Nodes=x what\n"))
        .containsExactly("t.conf:1: warning: 'what' is not understood, expected key=value");
  }

  @Test
  void shouldRefuseCyclesAndHugeLists() {
    assertThatThrownBy(() -> read("SwitchName=a Switches=b\nSwitchName=b Switches=a\n"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessage("t.conf:1: switch a is above itself");
    assertThatThrownBy(() -> read("SwitchName=a Nodes=n[0-9999][0-9999]"))
        .hasMessageEndingWith("has more than 65536 names");
    assertThatThrownBy(() -> read("SwitchName=a Nodes=n[0-999999999]"))
        .hasMessageEndingWith("has more than 65536 names");
    assertThatThrownBy(() -> read("SwitchName=a Nodes=n[3-1]"))
        .hasMessage("t.conf:1: 'n[3-1]' has the range '3-1', expected such as 0-3");
    assertThatThrownBy(() -> read("SwitchName=a Nodes=n[3"))
        .hasMessage("t.conf:1: 'n[3' has brackets that do not match");
  }

  private static Reading read(String text) {
    return new SlurmTopologyConf().read(new SourceFile("t.conf", text));
  }

  private static List<String> texts(String text) {
    return read(text).findings().stream().map(Finding::toString).toList();
  }
}
