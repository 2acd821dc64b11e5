package dev.tutti.topology.discover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.acl.AclReport;
import dev.tutti.bindings.acl.AclReport.Device;
import dev.tutti.bindings.acl.AclReport.Pair;
import dev.tutti.bindings.nvml.NvmlDevice;
import dev.tutti.bindings.nvml.NvmlDevice.Remote;
import dev.tutti.bindings.nvml.NvmlReport;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of what NVML and ACL tell.
@EnabledOnOs(OS.LINUX)
final class DeviceLinksTest {
  private static final double SPEED = 25e9;
  private static final String FIRST = "0000:41:00.0";
  private static final String SECOND = "0000:42:00.0";

  @TempDir Path folder;
  private FakeSystem system;

  @BeforeEach
  void beginSystem() {
    system = new FakeSystem(folder).dualSocket();
  }

  private void addFunction(String bus, String pciClass, String vendor) {
    system.pci(
        "pci0000:" + bus + "/0000:" + bus + ":00.0", pciClass, vendor, 0, "16.0 GT/s PCIe", "16");
  }

  private void addGpus() {
    addFunction("41", "0x030200", "0x10de");
    addFunction("42", "0x030200", "0x10de");
  }

  private void addNpus() {
    addFunction("41", "0x120000", "0x19e5");
    addFunction("42", "0x120000", "0x19e5");
  }

  private Reading withNvml(NvmlDevice... devices) {
    NvmlReport report = new NvmlReport("550.54", List.of(devices), List.of());
    return LocalTopology.discover(
        system.files(), "boot", new Sources(null, report, null, List.of()));
  }

  private static NvmlDevice gpu(int index, @Nullable String address, NvmlDevice.Link... links) {
    return new NvmlDevice(index, "A100", "GPU-" + index, address, 4, 16, List.of(links));
  }

  private static NvmlDevice.Link link(int number, Remote remote, @Nullable String address) {
    return new NvmlDevice.Link(number, remote, address, SPEED);
  }

  @Test
  void shouldBondTheLinksBetweenTwoDevices() {
    addGpus();

    Topology topology =
        withNvml(
                gpu(0, FIRST, link(0, Remote.DEVICE, SECOND), link(1, Remote.DEVICE, SECOND)),
                gpu(1, SECOND, link(0, Remote.DEVICE, FIRST), link(1, Remote.DEVICE, FIRST)))
            .topology();

    assertThat(topology.links("alder/gpu0", "alder/gpu1"))
        .containsExactly(
            Link.of("alder/gpu0", "alder/gpu1", LinkKind.NVLINK, 2 * SPEED, "NVML 550.54")
                .withLanes(2));
    assertThat(topology.links("alder/gpu1", "alder/gpu0")).hasSize(1);
    assertThat(topology.node("alder/gpu1").attributes())
        .containsEntry(Attributes.INDEX, "1")
        .containsEntry(Attributes.MODEL_NAME, "A100")
        .containsEntry(Attributes.UUID, "GPU-1");
  }

  @Test
  void shouldWarnOfALinkThatOneSideDoesNotHave() {
    addGpus();

    Reading reading = withNvml(gpu(0, FIRST, link(0, Remote.DEVICE, SECOND)), gpu(1, SECOND));

    assertThat(reading.findings())
        .containsExactly(
            Finding.warning(
                "alder/gpu0 -> alder/gpu1", "1 NVLinks are up, but only 0 the other way"));
  }

  @Test
  void shouldJoinDevicesWithASwitchThatSysfsShows() {
    addGpus();
    addFunction("05", "0x068000", "0x10de");

    Topology topology =
        withNvml(
                gpu(0, FIRST, link(0, Remote.SWITCH, "0000:05:00.0")),
                gpu(1, SECOND, link(0, Remote.UNKNOWN, "0000:05:00.0")))
            .topology();

    assertThat(topology.nodes(NodeKind.SWITCH))
        .extracting(Node::id)
        .containsExactly("alder/nvswitch0");
    assertThat(topology.links("alder/gpu0", "alder/nvswitch0").getFirst().kind())
        .isEqualTo(LinkKind.NVSWITCH);
    assertThat(topology.links("alder/nvswitch0", "alder/gpu1").getFirst())
        .extracting(Link::capacityBytesPerSecond)
        .isEqualTo(SPEED);
  }

  @Test
  void shouldLetOneNodeStandForSwitchesThatHide() {
    addGpus();

    Reading reading =
        withNvml(
            gpu(0, FIRST, link(0, Remote.SWITCH, null), link(1, Remote.SWITCH, null)),
            gpu(1, SECOND, link(0, Remote.SWITCH, null), link(1, Remote.SWITCH, null)));

    assertThat(reading.topology().links("alder/gpu1", "alder/nvswitch").getFirst().lanes())
        .isEqualTo(2);
    assertThat(reading.findings())
        .containsExactly(
            Finding.note(
                "alder/nvswitch", "NVSwitches do not show themselves; one node stands for all"));
  }

  @Test
  void shouldShowDevicesThatSysfsHides() {
    Reading reading = withNvml(gpu(0, null, link(0, Remote.UNKNOWN, null)));

    assertThat(reading.topology().links("alder/numa1", "alder/gpu0").getFirst().lanes())
        .isEqualTo(16);
    assertThat(reading.findings())
        .containsExactly(
            Finding.note(
                "alder/gpu0", "sysfs does not show it; how it hangs on the host is unknown"),
            Finding.note("alder/gpu0", "NVLink 0 leads to something that NVML does not tell"));
  }

  private Reading withAcl(List<Device> devices, Pair... pairs) {
    AclReport report = new AclReport("Ascend910B", devices, List.of(pairs), List.of());
    return LocalTopology.discover(
        system.files(), "boot", new Sources(null, null, report, List.of()));
  }

  private static List<Device> npus(@Nullable String... addresses) {
    List<Device> devices = new ArrayList<>();
    for (String address : addresses) {
      devices.add(new Device(devices.size(), address));
    }
    return devices;
  }

  @Test
  void shouldGiveNumbersByAddressAndNotByOrder() {
    addNpus();

    Topology topology = withAcl(npus(SECOND, FIRST), new Pair(0, 1, Pair.HCCS)).topology();

    assertThat(topology.node("alder/npu0").attributes())
        .containsEntry(Attributes.BUS_ID, FIRST)
        .containsEntry(Attributes.INDEX, "1")
        .containsEntry(Attributes.MODEL_NAME, "Ascend910B");
    assertThat(topology.links("alder/npu0", "alder/npu1"))
        .extracting(Link::kind)
        .containsExactly(LinkKind.HCCS);
    assertThat(topology.links("alder/npu1", "alder/npu0")).hasSize(1);
  }

  @Test
  void shouldKnowDiesAndSwitchesButLeaveThePciTreeAsItIs() {
    addNpus();

    Topology topology =
        withAcl(npus(FIRST, SECOND), new Pair(0, 1, Pair.SIO | Pair.HCCS_SWITCH | Pair.PIX))
            .topology();

    assertThat(topology.links("alder/npu0", "alder/npu1"))
        .extracting(Link::kind)
        .containsExactly(LinkKind.SIO);
    assertThat(topology.links("alder/npu1", "alder/hccs-switch"))
        .extracting(Link::kind)
        .containsExactly(LinkKind.HCCS_SWITCH);
  }

  @Test
  void shouldNotCountDevicesTwiceWhenTheirPlaceOnPciIsNotTold() {
    addNpus();

    Reading reading = withAcl(npus(null, null), new Pair(0, 1, Pair.SYS));

    Topology topology = reading.topology();
    assertThat(topology.nodes(NodeKind.DEVICE))
        .extracting(Node::id)
        .containsExactly("alder/npu0", "alder/npu1");
    assertThat(topology.links("alder/npu0", "alder/npu1"))
        .extracting(Link::kind)
        .containsExactly(LinkKind.SMP);
    assertThat(topology.node("alder/" + FIRST).kind()).isEqualTo(NodeKind.PCI_BRIDGE);
    assertThat(reading.findings())
        .contains(
            Finding.note(
                "alder/npu0",
                "ACL does not tell where it is on PCI; how it hangs on the host is unknown"));
  }

  @Test
  void shouldNoteAClassOfLinkThatIsNotKnown() {
    addNpus();

    assertThat(withAcl(npus(FIRST, SECOND), new Pair(0, 1, 0x80)).findings())
        .containsExactly(
            Finding.note(
                "alder/npu0 -> alder/npu1",
                "ACL tells a class of link that is not known here: 0x80"));
  }

  @Test
  void shouldAddPortsOfDevicesFromHccnConf() {
    addNpus();
    system.file(
        "etc/hccn.conf",
        """
        # set by the vendor's tool
        address_0=192.168.1.10
        netmask_0=255.255.255.0
        address_1=192.168.1.11
        netmask_1=255.255.255.0
        gateway_1=192.168.1.1
        nonsense
        """);

    Reading reading = withAcl(npus(FIRST, SECOND));

    Topology topology = reading.topology();
    assertThat(topology.node("alder/npu1-roce").attributes())
        .containsEntry(Attributes.ADDRESS, "192.168.1.11")
        .containsEntry(Attributes.NETMASK, "255.255.255.0")
        .containsEntry(Attributes.STATE, "unknown");
    assertThat(topology.links("alder/npu1", "alder/npu1-roce")).hasSize(1);
    assertThat(topology.links("alder/npu1-roce", "network-roce").getFirst())
        .extracting(Link::capacityBytesPerSecond)
        .isNull();
    assertThat(reading.findings())
        .containsExactly(
            Finding.warning(
                "/etc/hccn.conf:7",
                "is 'nonsense', expected KEY_DEVICE=VALUE such as address_0=192.168.1.10"));
  }

  @Test
  void shouldNotGuessWhoseAPortIsWhenTheProcessHasFewerDevices() {
    addNpus();
    system.file("etc/hccn.conf", "address_0=192.168.1.10\naddress_1=192.168.1.11");

    Reading reading = withAcl(npus(SECOND));

    assertThat(reading.topology().linksTo("alder/npu0-roce"))
        .extracting(Link::from)
        .containsExactly("network-roce");
    assertThat(reading.findings())
        .contains(Finding.note("alder/npu0-roce", "which device it belongs to is not told"));
  }
}
