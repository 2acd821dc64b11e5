package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NcclTopologyXmlTest {
  static final String TWO_GPUS =
      """
      <!-- written for this test -->
      <system version="1">
        <cpu numaid="0" affinity="000000ff,ffff0000" arch="x86_64" vendor="AuthenticAMD" familyid="175" modelid="1">
          <pci busid="0000:10:00.0" class="0x060400" link_speed="16 GT/s" link_width="16">
            <pci busid="0000:11:00.0" class="0x030200" link_speed="16.0 GT/s PCIe" link_width="16">
              <gpu dev="0" sm="80" rank="0" gdr="1">
                <nvlink target="0000:21:00.0" count="4" tclass="0x030200"/>
              </gpu>
            </pci>
            <pci busid="0000:12:00.0" class="0x020700" link_speed="16.0 GT/s PCIe" link_width="16">
              <nic><net name="mlx5_0" dev="0" speed="200000" port="1" latency="0.0" gdr="1"/></nic>
            </pci>
          </pci>
        </cpu>
        <cpu numaid="1" affinity="ffffff00,0000ffff" arch="x86_64" vendor="AuthenticAMD" familyid="175" modelid="1">
          <pci busid="0000:21:00.0" class="0x030200" link_speed="16.0 GT/s PCIe" link_width="16">
            <gpu dev="0x1" sm="80" rank="1" gdr="1">
              <nvlink target="0000:11:00.0" count="4" tclass="0x030200"/>
            </gpu>
          </pci>
        </cpu>
      </system>
      """;

  @Test
  void shouldReadTheTreeOfPciAndTheLinksOfDevices() {
    Reading reading = read(TWO_GPUS);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.ranks().values()).containsExactly("host0/numa0/gpu0", "host0/numa1/gpu1");
    assertThat(topology.node("host0/numa0").attribute(Attributes.CPUS)).isEqualTo("16-39");
    Link pcie = topology.links("host0/numa0/pci-0000:10:00.0", "host0/numa0/gpu0").getFirst();
    assertThat(pcie.kind()).isEqualTo(LinkKind.PCIE);
    assertThat(pcie.lanes()).isEqualTo(16);
    assertThat(pcie.attribute(Attributes.PCIE_GENERATION)).isEqualTo("4");
    assertThat(pcie.capacityBytesPerSecond()).isCloseTo(31.508e9, within(1e6));
    Link nvlink = topology.links("host0/numa0/gpu0", "host0/numa1/gpu1").getFirst();
    assertThat(nvlink.kind()).isEqualTo(LinkKind.NVLINK);
    assertThat(nvlink.capacityBytesPerSecond()).isEqualTo(4 * 20e9);
    Link network = topology.links("host0/numa0/mlx5_0", "network").getFirst();
    assertThat(network.kind()).isEqualTo(LinkKind.INFINIBAND);
    assertThat(network.capacityBytesPerSecond()).isEqualTo(25e9);
    assertThat(topology.links("host0/numa0", "host0/numa1").getFirst().capacityBytesPerSecond())
        .isNull();
  }

  @Test
  void shouldReadPartialFilesByPciClass() {
    Reading reading =
        read(
            """
            <system version="1"><cpu numaid="0" affinity="f">
             <pci busid="ffff:ff:01.0" class="0x060400" link_speed="8 GT/s" link_width="0">
              <pci busid="0000:10:1c.0" class="0x030200" link_speed="8 GT/s" link_width="16"/>
              <pci busid="0000:10:1b.0" class="0x020000" link_speed="" link_width="16"/>
              <pci busid="0000:10:1a.0" class="0x010802"/>
             </pci></cpu></system>
            """);

    assertThat(reading.topology().nodes(NodeKind.DEVICE)).hasSize(1);
    assertThat(reading.topology().nodes(NodeKind.NIC)).hasSize(1);
    assertThat(reading.topology().nodes(NodeKind.NETWORK)).isEmpty();
    assertThat(reading.topology().ranks()).isEmpty();
    assertThat(reading.findings())
        .extracting(Finding::toString)
        .satisfiesExactly(
            text -> assertThat(text).startsWith("x.xml:2:2: warning: ").contains("link_width is 0"),
            text -> assertThat(text).startsWith("x.xml:4:3: note: ").contains("link_speed is ''"),
            text -> assertThat(text).contains("no <nic> with <net>"),
            text -> assertThat(text).startsWith("x.xml:5:3: note: ").contains("'0x010802'"));
  }

  @Test
  void shouldMakeSwitchesOfTargetsThatAre() {
    String text =
        TWO_GPUS
            .replace("0000:21:00.0\" count=\"4\" tclass=\"0x030200", "fffffff:ff:ff.0\" count=\"12")
            .replace(
                "target=\"0000:11:00.0\" count=\"4\" tclass=\"0x030200",
                "target=\"0000:C4:00.0\" count=\"12\" tclass=\"0x068000");

    Topology topology = read(text).topology();

    assertThat(topology.nodes(NodeKind.SWITCH))
        .extracting(node -> node.id())
        .containsExactly("host0/nvswitch", "host0/nvswitch-0000:c4:00.0");
    Link link = topology.links("host0/nvswitch", "host0/numa0/gpu0").getFirst();
    assertThat(link.kind()).isEqualTo(LinkKind.NVSWITCH);
    assertThat(link.lanes()).isEqualTo(12);
  }

  @Test
  void shouldReadTheDialectOfAmd() {
    String text =
        TWO_GPUS
            .replace("version=\"1\"", "version=\"2\"")
            .replace("nvlink", "xgmi")
            .replace("class=\"0x030200\"", "class=\"0x120000\"")
            .replace("sm=\"80\"", "sm=\"304\" gcn=\"gfx942\"")
            .replace("count=\"4\"", "count=\"1\"");

    Reading reading = read(text);

    Link link = reading.topology().links("host0/numa1/gpu1", "host0/numa0/gpu0").getFirst();
    assertThat(link.kind()).isEqualTo(LinkKind.XGMI);
    assertThat(link.capacityBytesPerSecond()).isNull();
    assertThat(reading.findings()).singleElement().asString().contains("rate of xGMI is not told");
    assertThat(write(reading.topology())).contains("<system version=\"2\">", "<xgmi target=");
  }

  @Test
  void shouldReadApus() {
    assertThat(read(TWO_GPUS.replace("gpu ", "apu ").replace("/gpu", "/apu")).topology())
        .isEqualTo(read(TWO_GPUS).topology());
  }

  @Test
  void shouldKeepHostsApart() {
    String text =
        TWO_GPUS
            .replace("numaid=\"0\"", "host_hash=\"0xa\" numaid=\"0\"")
            .replace("numaid=\"1\"", "host_hash=\"0xb\" numaid=\"1\"");

    Reading reading = read(text);

    assertThat(reading.topology().nodes(NodeKind.HOST)).hasSize(2);
    assertThat(reading.findings())
        .extracting(Finding::message)
        .allMatch(message -> message.contains("which is not in this file"))
        .hasSize(2);
    assertThatThrownBy(() -> write(reading.topology()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "NCCL's topology file holds one host, but 'x' has 2: choose one of [host0, host1]");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(writeTo(NcclTopologyXml.ofHost("host1"), reading.topology(), out))
        .contains("host_hash=\"0xb\"")
        .doesNotContain("0xa");
  }

  @Test
  void shouldWarnOfOneSidedAndContradictingLinks() {
    String oneSided = TWO_GPUS.replaceFirst("(?m)^ *<nvlink target=\"0000:21.*\n", "");
    String contradicting = TWO_GPUS.replaceFirst("count=\"4\"", "count=\"2\"");

    assertThat(read(oneSided).findings())
        .singleElement()
        .asString()
        .startsWith("x.xml:17:9: warning: ")
        .contains("from 'host0/numa1/gpu1' to 'host0/numa0/gpu0' is one-sided");
    assertThat(read(oneSided).topology().links("host0/numa0/gpu0", "host0/numa1/gpu1")).isEmpty();
    assertThat(read(contradicting).findings())
        .extracting(Finding::message)
        .anyMatch(message ->
            message.contains("has 2 links to 'host0/numa1/gpu1', which has 4 back (line 18)"))
        .hasSize(2);
  }

  @Test
  void shouldWarnOfDoubleAddressesAndRanks() {
    Reading reading =
        read(TWO_GPUS.replace("0000:21:00.0", "0000:11:00.0").replace("rank=\"1\"", "rank=\"0\""));

    assertThat(reading.findings())
        .extracting(Finding::message)
        .anyMatch(message -> message.contains("is the address of 'host0/numa0/gpu0' too"))
        .anyMatch(message -> message.contains("rank 0 is on 'host0/numa0/gpu0' too"));
  }

  @Test
  void shouldGiveBackWhatItReadWhenWrittenAndReadAgain() {
    for (long seed = 0; seed < 300; seed++) {
      SourceFile file = RandomNcclXml.of(seed);
      Topology topology = new NcclTopologyXml().read(file).topology();

      String written = write(topology);

      assertThat(new NcclTopologyXml().read(new SourceFile(file.name(), written)).topology())
          .as("seed %d:%n%s%n%s", seed, file.text(), written)
          .isEqualTo(topology);
    }
  }

  @Test
  void shouldWriteDevicesWithoutAddressOrNumaDomain() {
    Topology topology =
        Topology.builder("bare")
            .node("h", NodeKind.HOST, "h", null)
            .node("h/a", NodeKind.DEVICE, "a", "h")
            .node("h/b", NodeKind.DEVICE, "b", "h")
            .cable(Link.of("h/a", "h/b", LinkKind.NVLINK, null, "test").withLanes(3))
            .rank(0, "h/a")
            .build();

    String text = write(topology);

    assertThat(text)
        .isEqualTo(
            """
            <system version="1">
              <cpu numaid="-1">
                <pci busid="ffff:ff:01.0" class="0x030200" link_speed="" link_width="0">
                  <gpu dev="0" rank="0">
                    <nvlink target="ffff:ff:02.0" count="3" tclass="0x030200"/>
                  </gpu>
                </pci>
                <pci busid="ffff:ff:02.0" class="0x030200" link_speed="" link_width="0">
                  <gpu dev="1">
                    <nvlink target="ffff:ff:01.0" count="3" tclass="0x030200"/>
                  </gpu>
                </pci>
              </cpu>
            </system>
            """);
  }

  @Test
  void shouldWriteSwitchesOfARackAsHidden() {
    Topology topology =
        Topology.builder("rack")
            .node("h", NodeKind.HOST, "h", null)
            .node("h/numa0", NodeKind.NUMA, "NUMA 0", "h")
            .node("h/g", NodeKind.DEVICE, "g", "h/numa0")
            .node("s0", NodeKind.SWITCH, "s0", null)
            .node("s1", NodeKind.SWITCH, "s1", null)
            .cable(Link.of("h/g", "h/numa0", LinkKind.C2C, 450e9, "test"))
            .cable(Link.of("h/g", "s0", LinkKind.NVSWITCH, null, "test").withLanes(9))
            .cable(Link.of("h/g", "s1", LinkKind.NVSWITCH, null, "test").withLanes(9))
            .build();

    String text = write(topology);

    assertThat(text)
        .contains(
            "<c2c bw=\"450000\" count=\"1\"/>",
            "<nvlink target=\"fffffff:ff:ff.0\" count=\"18\" tclass=\"0x068000\"/>");
  }

  @Test
  void shouldRefuseToWriteWhatNcclCannotRead() {
    Topology.Builder large = Topology.builder("large").node("h", NodeKind.HOST, "h", null);
    for (int i = 0; i < 260; i++) {
      large.node("h/" + i, NodeKind.DEVICE, "d", "h");
    }
    Topology ascend =
        Topology.builder("ascend")
            .node("h", NodeKind.HOST, "h", null)
            .node("h/a", NodeKind.DEVICE, "a", "h")
            .node("h/b", NodeKind.DEVICE, "b", "h")
            .cable(Link.of("h/a", "h/b", LinkKind.HCCS, null, "test"))
            .build();

    assertThatThrownBy(() -> write(large.build()))
        .hasMessage("NCCL reads at most 256 elements, but this host has 262");
    assertThatThrownBy(() -> write(ascend))
        .hasMessage("NCCL's topology file cannot hold links of kind hccs, such as h/a -> h/b");
    assertThatThrownBy(() -> write(Topology.builder("none").build()))
        .hasMessage("NCCL's topology file holds one host, but 'none' has 0");
  }

  @Test
  void shouldNameThePlaceWhenTheFileIsBroken() {
    assertThatThrownBy(() -> read("<system>\n  <cpu numaid=>"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessageStartingWith("x.xml:2:")
        .hasMessageContaining("is no valid XML: ");
    assertThatThrownBy(() -> read("<systems/>"))
        .hasMessage("x.xml:1:1: systems: the root is <systems>, expected <system>");
  }

  static Reading read(String text) {
    return new NcclTopologyXml().read(new SourceFile("x.xml", text));
  }

  private static String write(Topology topology) {
    return writeTo(new NcclTopologyXml(), topology, new ByteArrayOutputStream());
  }

  private static String writeTo(
      TopologyWriter writer, Topology topology, ByteArrayOutputStream out) {
    try {
      writer.write(topology, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  static List<String> messages(Reading reading) {
    return reading.findings().stream().map(Finding::message).toList();
  }
}
