package dev.tutti.topology.discover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyCheck;
import dev.tutti.topology.format.Reading;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of hosts that this machine is not, from folders that look like their sysfs.
@EnabledOnOs(OS.LINUX)
final class LocalTopologyTest {
  private static final double GEN4_X16 = 16e9 / 8 * (128.0 / 130) * 16;

  @TempDir Path folder;
  private FakeSystem system;

  @BeforeEach
  void beginSystem() {
    system = new FakeSystem(folder);
  }

  private Reading discover() {
    return LocalTopology.discover(system.files(), "boot-1", Sources.NONE);
  }

  @Test
  void shouldShowPackagesDomainsCachesAndCores() {
    system.dualSocket();

    Topology topology = discover().topology();

    assertThat(topology.nodes(NodeKind.PACKAGE)).hasSize(2);
    assertThat(topology.nodes(NodeKind.CORE)).hasSize(4);
    assertThat(topology.nodes(NodeKind.CACHE))
        .extracting(Node::name)
        .containsExactly("L3", "L3", "L2", "L2", "L2", "L2");
    assertThat(topology.node("alder/numa1").attributes())
        .containsEntry(Attributes.CPUS, "2-3,6-7")
        .containsEntry(Attributes.BYTES, String.valueOf(64L << 20));
    assertThat(topology.node("alder/numa1").parent()).isEqualTo("alder/package1");
    assertThat(topology.node("alder/core3").attribute(Attributes.CPUS)).isEqualTo("3,7");
    assertThat(topology.node("alder").attributes())
        .containsEntry(Attributes.HOST_ID, "boot-1")
        .containsEntry(Attributes.KERNEL, "6.1.0");
  }

  @Test
  void shouldJoinCoresWithMemoryAndDomainsWithEachOther() {
    system.dualSocket();

    Topology topology = discover().topology();

    assertThat(topology.links("alder/core3", "alder/l2-3")).hasSize(1);
    assertThat(topology.links("alder/l2-3", "alder/l3-1")).hasSize(1);
    assertThat(topology.links("alder/l3-1", "alder/numa1")).hasSize(1);
    assertThat(topology.links("alder/numa0", "alder/numa1"))
        .singleElement()
        .satisfies(link -> {
          assertThat(link.kind()).isEqualTo(LinkKind.SMP);
          assertThat(link.attribute(Attributes.DISTANCE)).isEqualTo("21");
          assertThat(link.capacityBytesPerSecond()).isNull();
          assertThat(link.origin()).isEqualTo("sysfs");
        });
  }

  @Test
  void shouldLeadFromMemoryOverBridgesToDeviceAndNic() {
    system.dualSocket();
    String port = "pci0000:40/0000:40:01.0";
    system.pci(port, "0x060400", "0x8086", 1, "16.0 GT/s PCIe", "16");
    system.pci(port + "/0000:41:00.0", "0x030200", "0x10de", 1, "16.0 GT/s PCIe", "16");
    String nic =
        system.pci("pci0000:00/0000:00:02.0", "0x020000", "0x8086", 0, "8.0 GT/s PCIe", "8");
    system.nic(nic, "eth0", "up", "25000");

    Topology topology = discover().topology();

    assertThat(topology.links("alder/numa1", "alder/pci0000:40")).hasSize(1);
    assertThat(topology.links("alder/pci0000:40", "alder/0000:40:01.0")).hasSize(1);
    assertThat(topology.links("alder/0000:40:01.0", "alder/gpu0"))
        .singleElement()
        .satisfies(link -> {
          assertThat(link.lanes()).isEqualTo(16);
          assertThat(link.attribute(Attributes.PCIE_GENERATION)).isEqualTo("4");
          assertThat(link.capacityBytesPerSecond()).isEqualTo(GEN4_X16);
        });
    assertThat(topology.node("alder/gpu0").attributes())
        .containsEntry(Attributes.BUS_ID, "0000:41:00.0")
        .containsEntry(Attributes.PCI_CLASS, "0x030200");
    assertThat(topology.links("alder/pci0000:00", "alder/eth0").getFirst().lanes()).isEqualTo(8);
    assertThat(topology.links("alder/eth0", "network-ethernet"))
        .singleElement()
        .satisfies(link -> assertThat(link.capacityBytesPerSecond()).isEqualTo(25e9 / 8));
    assertThat(topology.linksFrom("network-ethernet")).hasSize(1);
  }

  @Test
  void shouldTakeWhatBothEndsCanDoAndWarnOfMissingLanes() {
    system.dualSocket();
    String port = "pci0000:40/0000:40:01.0";
    system.pci(port, "0x060400", "0x8086", 1, "16.0 GT/s PCIe", "16");
    String gpu =
        system.pci(port + "/0000:41:00.0", "0x120000", "0x1002", 1, "32.0 GT/s PCIe", "16");
    system
        .file(gpu + "/current_link_speed", "2.5 GT/s PCIe")
        .file(gpu + "/current_link_width", "8");

    Reading reading = discover();

    Link link = reading.topology().links("alder/0000:40:01.0", "alder/gpu0").getFirst();
    assertThat(link.lanes()).isEqualTo(8);
    assertThat(link.capacityBytesPerSecond()).isEqualTo(GEN4_X16 / 2);
    assertThat(reading.findings())
        .containsExactly(
            Finding.warning("alder/gpu0", "PCI Express runs at 8 lanes, both ends have 16"));
  }

  @Test
  void shouldPutInfinibandAndRoceOnNetworksOfTheirOwn() {
    system.dualSocket();
    String first =
        system.pci("pci0000:00/0000:00:02.0", "0x020700", "0x15b3", 0, "16.0 GT/s PCIe", "16");
    system
        .rdma(first, "mlx5_0", 1, "InfiniBand", "200 Gb/sec (4X HDR)")
        .nic(first, "ib0", "down", "-1");
    String second =
        system.pci("pci0000:40/0000:40:02.0", "0x020000", "0x15b3", 1, "16.0 GT/s PCIe", "16");
    system
        .rdma(second, "mlx5_1", 1, "Ethernet", "100 Gb/sec (4X EDR)")
        .nic(second, "eth1", "up", "100000");

    Topology topology = discover().topology();

    assertThat(topology.node("alder/ib0").attributes())
        .containsEntry(Attributes.RDMA, "mlx5_0:1")
        .containsEntry(Attributes.STATE, "up")
        .containsEntry(Attributes.GUID, "0c42:a103:0000:0001");
    Link infiniband = topology.links("alder/ib0", "network-infiniband").getFirst();
    assertThat(infiniband.capacityBytesPerSecond()).isEqualTo(25e9);
    assertThat(infiniband.lanes()).isEqualTo(4);
    Link roce = topology.links("alder/eth1", "network-roce").getFirst();
    assertThat(roce.kind()).isEqualTo(LinkKind.ROCE);
    assertThat(roce.capacityBytesPerSecond()).isEqualTo(12.5e9);
    assertThat(topology.nodes(NodeKind.NETWORK)).hasSize(2);
  }

  @Test
  void shouldShowEachPortWhenAnAdapterHasTwoOnOneFunction() {
    system.dualSocket();
    String function =
        system.pci("pci0000:00/0000:00:02.0", "0x020700", "0x15b3", 0, "8.0 GT/s PCIe", "8");
    system.rdma(function, "mlx4_0", 1, "InfiniBand", "56 Gb/sec (4X FDR)");
    system.rdma(function, "mlx4_0", 2, "InfiniBand", "56 Gb/sec (4X FDR)");

    Topology topology = discover().topology();

    assertThat(topology.nodes(NodeKind.NIC))
        .extracting(Node::id)
        .containsExactly("alder/mlx4_0-1", "alder/mlx4_0-2");
    assertThat(topology.links("alder/pci0000:00", "alder/0000:00:02.0").getFirst().lanes())
        .isEqualTo(8);
    assertThat(topology.links("alder/0000:00:02.0", "alder/mlx4_0-2")).hasSize(1);
    assertThat(topology.node("alder/mlx4_0-2").attribute(Attributes.BUS_ID)).isNull();
    assertThat(TopologyCheck.check(topology))
        .extracting(Finding::severity)
        .containsOnly(Finding.Severity.NOTE);
  }

  @Test
  void shouldLetVirtualFunctionsShareThePortOfTheirNic() {
    system.dualSocket();
    String pf =
        system.pci("pci0000:00/0000:00:02.0", "0x020000", "0x8086", 0, "8.0 GT/s PCIe", "8");
    String vf = system.pci("pci0000:00/0000:00:02.1", "0x020000", "0x8086", 0, "Unknown", "0");
    system.nic(pf, "eth0", "up", "10000").nic(vf, "eth0v0", "up", "10000");
    system.file(pf + "/sriov_numvfs", "1").link(vf + "/physfn", pf);

    Topology topology = discover().topology();

    assertThat(topology.node("alder/eth0v0").attribute(Attributes.PHYSICAL_FUNCTION))
        .isEqualTo("0000:00:02.0");
    assertThat(topology.node("alder/eth0").attribute(Attributes.VIRTUAL_FUNCTIONS)).isEqualTo("1");
    assertThat(topology.linksFrom("alder/eth0v0"))
        .extracting(Link::to)
        .containsExactly("alder/eth0");
  }

  @Test
  void shouldTreatAVirtualFunctionAsNicWhenItsPhysicalOneIsOutOfSight() {
    system.dualSocket();
    String pf =
        system.pci("pci0000:00/0000:00:02.0", "0x020000", "0x8086", 0, "8.0 GT/s PCIe", "8");
    String vf = system.pci("pci0000:00/0000:00:02.1", "0x020000", "0x8086", 0, "Unknown", "0");
    system.nic(vf, "eth0", "up", "10000").link(vf + "/physfn", pf);

    Reading reading = discover();

    assertThat(reading.topology().links("alder/eth0", "network-ethernet").getFirst())
        .extracting(Link::capacityBytesPerSecond)
        .isEqualTo(1.25e9);
    assertThat(reading.topology().node("alder/0000:00:02.0").kind()).isEqualTo(NodeKind.NIC);
    assertThat(reading.findings())
        .containsExactly(
            Finding.note(
                "alder/0000:00:02.0",
                "a network adapter of which no interface can be seen from here"));
  }

  @Test
  void shouldNotGuessTheSpeedOfAPortThatDoesNotTell() {
    system.dualSocket();
    String nic = system.pci("pci0000:00/0000:00:02.0", "0x020000", "0x1af4", -1, "Unknown", "0");
    system.nic(nic, "eth0", "up", "-1");

    Reading reading = discover();

    Topology topology = reading.topology();
    assertThat(topology.links("alder/eth0", "network-ethernet").getFirst())
        .extracting(Link::capacityBytesPerSecond)
        .isNull();
    assertThat(topology.links("alder/pci0000:00", "alder/eth0").getFirst())
        .extracting(Link::capacityBytesPerSecond)
        .isNull();
    assertThat(reading.findings())
        .containsExactly(
            Finding.note("alder/pci0000:00", "its NUMA domain is unknown; it is joined with all 2"),
            Finding.note("alder/eth0", "does not tell its speed"));
  }

  @Test
  void shouldNotLeadOutOfTheHostWhenANicIsDown() {
    system.dualSocket();
    String nic =
        system.pci("pci0000:00/0000:00:02.0", "0x020000", "0x8086", 0, "8.0 GT/s PCIe", "8");
    system.nic(nic, "eth0", "lowerlayerdown", "-1");

    Topology topology = discover().topology();

    assertThat(topology.node("alder/eth0").attribute(Attributes.STATE)).isEqualTo("down");
    assertThat(topology.nodes(NodeKind.NETWORK)).isEmpty();
  }

  @Test
  void shouldTellVirtualInterfacesApart() {
    system.dualSocket();
    system
        .virtualNic("lo", "unknown", 772)
        .virtualNic("veth1", "up", 1)
        .virtualNic("bond0", "up", 1);
    String virtual = "sys/devices/virtual/net/";
    system.file(virtual + "veth1/iflink", "9").file(virtual + "veth1/speed", "10000");
    system.file(virtual + "bond0/uevent", "DEVTYPE=bond\nINTERFACE=bond0");
    String nic =
        system.pci("pci0000:00/0000:00:02.0", "0x020000", "0x8086", 0, "8.0 GT/s PCIe", "8");
    system.nic(nic, "eth0", "up", "10000");
    system.link(virtual + "bond0/lower_eth0", nic + "/net/eth0");
    system.link(nic + "/net/eth0/master", virtual + "bond0");

    Topology topology = discover().topology();

    assertThat(topology.node("alder/lo").attribute(Attributes.VIRTUAL)).isEqualTo("loopback");
    assertThat(topology.linksFrom("alder/lo"))
        .extracting(Link::kind)
        .containsExactly(LinkKind.LOOPBACK, LinkKind.LOOPBACK);
    assertThat(topology.node("alder/bond0").attribute(Attributes.MEMBERS)).isEqualTo("eth0");
    assertThat(topology.linksFrom("alder/bond0"))
        .extracting(Link::to)
        .containsExactly("alder/numa0", "alder/numa1");
    assertThat(topology.node("alder/eth0").attribute(Attributes.MASTER)).isEqualTo("bond0");
    assertThat(topology.links("alder/eth0", "network-ethernet")).hasSize(1);
    assertThat(topology.node("alder/veth1").attribute(Attributes.VIRTUAL)).isEqualTo("veth");
    assertThat(topology.links("alder/veth1", "network-ethernet").getFirst())
        .extracting(Link::capacityBytesPerSecond)
        .isNull();
  }

  @Test
  void shouldShowTheHostAloneWhenNothingCanBeRead() {
    Reading reading = discover();

    assertThat(reading.topology().nodes()).extracting(Node::id).containsExactly("host");
    assertThat(reading.topology().links()).isEmpty();
  }
}
