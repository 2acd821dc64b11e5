package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NvidiaSmiTopologyTest {
  static final String TABS =
      """
      \t\u001b[4mGPU0\tGPU1\tGPU2\tNIC0\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID\u001b[0m
      GPU0\t X \tNV4\tSYS\tPIX\t0-15,64-79\t0\t\tN/A
      GPU1\tNV4\t X \tSYS\tNODE\t0-15,64-79\t0\t\tN/A
      GPU2\tSYS\tSYS\t X \tSYS\t16-31\t1\t\tN/A
      NIC0\tPIX\tNODE\tSYS\t X \t\t\t\t

      Legend:

        X    = Self
        NV#  = Connection traversing a bonded set of # NVLinks

      NIC Legend:

        NIC0: mlx5_3
      """;

  @Test
  void shouldBuildWhatIsTold() {
    Reading reading = read(TABS);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.nodes().stream().map(Node::id))
        .containsExactly(
            "host0",
            "host0/numa0",
            "host0/numa1",
            "host0/numa0/gpu0",
            "host0/numa0/gpu1",
            "host0/numa1/gpu2",
            "host0/numa0/mlx5_3",
            "host0/numa0/pci0");
    assertThat(topology.node("host0/numa0").attribute(Attributes.CPUS)).isEqualTo("0-15,64-79");
    assertThat(topology.links("host0/numa0/pci0", "host0/numa0/mlx5_3")).hasSize(1);
    assertThat(topology.links("host0/numa0/pci0", "host0/numa0/gpu0")).hasSize(1);
    assertThat(topology.links("host0/numa0", "host0/numa0/gpu1")).hasSize(1);
    assertThat(topology.links("host0/numa0", "host0/numa1").getFirst().kind())
        .isEqualTo(LinkKind.SMP);
    assertThat(topology.links("host0/numa0/gpu0", "host0/numa0/gpu1"))
        .singleElement()
        .satisfies(link -> {
          assertThat(link.kind()).isEqualTo(LinkKind.NVLINK);
          assertThat(link.lanes()).isEqualTo(4);
          assertThat(link.capacityBytesPerSecond()).isNull();
        });
    assertThat(topology.ranks()).isEmpty();
  }

  @Test
  void shouldReadSpacesLikeTabs() {
    String spaces = TABS.replace("\t", "   ").replace("\u001b[4m", "").replace("\u001b[0m", "");

    assertThat(read(spaces).topology()).isEqualTo(read(TABS).topology());
  }

  @Test
  void shouldNestBridges() {
    Topology topology =
        read("""
              GPU0 GPU1 GPU2 GPU3
        GPU0   X   PIX  PXB  PHB
        GPU1  PIX   X   PXB  PHB
        GPU2  PXB  PXB   X   PHB
        GPU3  PHB  PHB  PHB   X
        """)
            .topology();

    assertThat(topology.nodes(NodeKind.NUMA)).extracting(Node::id).containsExactly("host0/numa?0");
    assertThat(topology.links("host0/numa?0", "host0/numa?0/pci0")).hasSize(1);
    assertThat(topology.links("host0/numa?0/pci0", "host0/numa?0/pci1")).hasSize(1);
    assertThat(topology.links("host0/numa?0/pci1", "host0/numa?0/gpu0")).hasSize(1);
    assertThat(topology.links("host0/numa?0/pci0", "host0/numa?0/gpu2")).hasSize(1);
    assertThat(topology.links("host0/numa?0", "host0/numa?0/gpu3")).hasSize(1);
  }

  @Test
  void shouldWarnOfAsymmetryAndMissingEntries() {
    String asymmetric = TABS.replace("GPU1\tNV4", "GPU1\tSYS");

    assertThat(texts(asymmetric))
        .anyMatch(text ->
            text.startsWith("m.txt:3:6: warning: GPU1 to GPU0 is SYS, but GPU0 to GPU1 is NV4"));
    assertThat(read(asymmetric).topology().links("host0/numa0/gpu1", "host0/numa0/gpu0")).isEmpty();
    assertThat(texts(TABS.replaceFirst("(?m)^GPU1.*\n", "")))
        .containsExactly("m.txt:1:2: warning: there is no row of GPU1");
    assertThat(texts(TABS.replace("SYS\t X \tSYS", "\t X \tSYS")))
        .contains("m.txt:4:1: warning: has no entry of GPU2 and GPU1");
    assertThat(texts(TABS.replace("NODE\tSYS\t X ", "NOPE\tSYS\t X ")))
        .contains(
            "m.txt:5:10: warning: the entry of NIC0 and GPU1 is 'NOPE', expected one of X, NV#,"
                + " PIX, PXB, PHB, NODE, SYS");
    assertThat(texts("GPU0 GPU1 GPU2\nGPU0 X SYS SYS\nGPU1 SYS X\nGPU2 SYS SYS X\n"))
        .contains(
            "m.txt:3:1: warning: GPU1 has 2 entries, expected 3; which are missing is not told, so"
                + " the row was left out");
  }

  @Test
  void shouldJoinBothWaysWhereARowIsMissing() {
    Topology topology = read(TABS.replaceFirst("(?m)^GPU1.*\n", "")).topology();

    assertThat(topology.nodes(NodeKind.DEVICE)).hasSize(3);
    assertThat(topology.links().stream().filter(link -> link.kind() == LinkKind.NVLINK)).hasSize(2);
  }

  @Test
  void shouldSayThatSwitchesAreNotShown() {
    String text = TABS.replace("NV4", "NV18").replace("\tSYS\tPIX", "\tNV18\tPIX");

    assertThat(texts(text))
        .anyMatch(finding -> finding.contains("GPU0 shows 36 NVLinks, more than a device has"));
  }

  @Test
  void shouldReadPeerAccess() {
    Topology topology =
        read("""
         \tGPU0\tGPU1\tGPU2
         GPU0\tX\tOK\tNS
         GPU1\tOK\tX\tCNS
         GPU2\tNS\tCNS\tX

        Legend:
          X    = Self
          OK   = Status Ok
        """)
            .topology();

    assertThat(topology.links())
        .hasSize(2)
        .allMatch(link -> "OK".equals(link.attribute("p2p")) && link.kind() == LinkKind.UNKNOWN);
    assertThat(topology.node("host0/gpu2").attribute("relations")).isEqualTo("GPU0=NS GPU1=CNS");
  }

  @Test
  void shouldRefuseWhatIsNoMatrix() {
    assertThatThrownBy(() -> read("hello"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessage("m.txt: has no line with the names of the columns, such as GPU0 GPU1");
    assertThatThrownBy(() -> read("GPU0 X SYS\n"))
        .hasMessageStartingWith("m.txt:1:1: is a row, expected a line with the names");
  }

  private static Reading read(String text) {
    return new NvidiaSmiTopology().read(new SourceFile("m.txt", text));
  }

  private static List<String> texts(String text) {
    return read(text).findings().stream().map(Finding::toString).toList();
  }
}
