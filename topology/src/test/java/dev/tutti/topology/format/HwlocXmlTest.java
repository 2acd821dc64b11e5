package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import org.junit.jupiter.api.Test;

final class HwlocXmlTest {
  static final String SCHEMA_2 =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE topology SYSTEM "hwloc2.dtd">
      <topology version="2.0">
        <object type="Machine" os_index="0" cpuset="0x0000000f">
          <info name="HostName" value="alder"/>
          <object type="Package" os_index="0" cpuset="0x00000003">
            <info name="CPUVendor" value="GenuineIntel"/>
            <object type="NUMANode" os_index="0" cpuset="0x00000003" local_memory="1024"/>
            <object type="L3Cache" cpuset="0x00000003" cache_size="4096">
              <object type="L1Cache" cpuset="0x00000003">
                <object type="Core" os_index="0" cpuset="0x00000003">
                  <object type="PU" os_index="0"/><object type="PU" os_index="1"/>
                </object>
              </object>
            </object>
            <object type="Bridge" bridge_type="0-1" bridge_pci="0000:[00-03]">
              <object type="Bridge" bridge_type="1-1" pci_busid="0000:00:01.0" pci_type="0604 [8086:1234] [0000:0000] 01" pci_link_speed="31.507692">
                <object type="PCIDev" pci_busid="0000:01:00.0" pci_type="0302 [10de:2330] [10de:16c1] a1" pci_link_speed="63.015385">
                  <object type="OSDev" name="cuda0" osdev_type="5"><info name="GPUModel" value="H100"/></object>
                </object>
                <object type="PCIDev" pci_busid="0000:02:00.0" pci_type="0207 [15b3:1021] [15b3:0023] 00" pci_link_speed="0.000000">
                  <object type="OSDev" name="ib0" osdev_type="2"><info name="Address" value="00:11"/></object>
                  <object type="OSDev" name="mlx5_0" osdev_type="3"><info name="NodeGUID" value="a:b"/></object>
                </object>
              </object>
              <object type="Bridge" bridge_type="1-1" pci_busid="0000:00:02.0" pci_type="0604 [8086:1234] [0000:0000] 01">
                <object type="PCIDev" pci_busid="0000:03:00.0" pci_type="0108 [144d:a80a] [0:0] 00"/>
              </object>
            </object>
          </object>
          <object type="Package" os_index="1" cpuset="0x0000000c">
            <object type="NUMANode" os_index="1" cpuset="0x0000000c"/>
            <object type="Core" os_index="0" cpuset="0x0000000c"/>
          </object>
        </object>
        <support name="discovery.pu"/>
      </topology>
      """;

  static final String SCHEMA_1 =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE topology SYSTEM "hwloc.dtd">
      <topology>
        <object type="Machine" os_index="0" cpuset="0x00000001">
          <object type="NUMANode" os_index="0" cpuset="0x00000001" local_memory="1024">
            <object type="Socket" os_index="0" cpuset="0x00000001">
              <object type="Cache" depth="3" cpuset="0x00000001" cache_size="4096">
                <object type="Cache" depth="1" cpuset="0x00000001">
                  <object type="Core" os_index="0" cpuset="0x00000001"/>
                </object>
              </object>
            </object>
            <object type="Bridge" bridge_type="0-1">
              <object type="PCIDev" pci_busid="0000:00:03.0" pci_type="0200 [1af4:1041] [1af4:1041] 01" pci_link_speed="0.0">
                <object type="OSDev" name="eth0" osdev_type="2"/>
              </object>
            </object>
          </object>
        </object>
      </topology>
      """;

  @Test
  void shouldReadSchema2() {
    Reading reading = read(SCHEMA_2);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.nodes().stream().map(Node::id))
        .containsExactly(
            "alder",
            "alder/package0",
            "alder/numa0",
            "alder/package0/l3",
            "alder/package0/l3/core0",
            "alder/pci-0000:00:01.0",
            "alder/gpu-0000:01:00.0",
            "alder/ib0",
            "alder/package1",
            "alder/numa1",
            "alder/package1/core0");
    assertThat(topology.links("alder/numa0", "alder/pci-0000:00:01.0").getFirst())
        .satisfies(link -> {
          assertThat(link.kind()).isEqualTo(LinkKind.PCIE);
          assertThat(link.capacityBytesPerSecond()).isEqualTo(31.507692e9);
        });
    assertThat(topology.links("alder/pci-0000:00:01.0", "alder/ib0").getFirst())
        .satisfies(link -> assertThat(link.capacityBytesPerSecond()).isNull());
    assertThat(topology.node("alder/ib0").attributes())
        .containsEntry("openFabrics", "mlx5_0")
        .containsEntry(Attributes.ADDRESS, "00:11")
        .containsEntry(Attributes.PCI_CLASS, "0x020700");
    assertThat(topology.node("alder/package0/l3/core0").attribute(Attributes.CPUS))
        .isEqualTo("0-1");
    assertThat(topology.links("alder/package1/core0", "alder/numa1").getFirst().kind())
        .isEqualTo(LinkKind.MEMORY);
    assertThat(topology.links("alder/numa0", "alder/numa1").getFirst().kind())
        .isEqualTo(LinkKind.SMP);
  }

  @Test
  void shouldReadSchema1() {
    Topology topology = read(SCHEMA_1).topology();

    assertThat(topology.nodes().stream().map(Node::kind))
        .containsExactly(
            NodeKind.HOST,
            NodeKind.NUMA,
            NodeKind.PACKAGE,
            NodeKind.CACHE,
            NodeKind.CORE,
            NodeKind.NIC);
    assertThat(topology.links("host0/numa0", "host0/eth0")).hasSize(1);
  }

  @Test
  void shouldRefuseWhatIsNoTopology() {
    assertThatThrownBy(() -> read("<topology/>"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessage("h.xml:1:1: topology: has no <object>, expected one of type Machine");
  }

  private static Reading read(String text) {
    return new HwlocXml().read(new SourceFile("h.xml", text));
  }
}
