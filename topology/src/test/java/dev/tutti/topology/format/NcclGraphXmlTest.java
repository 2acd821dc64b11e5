package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.Finding;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Topology;
import org.junit.jupiter.api.Test;

final class NcclGraphXmlTest {
  static final String GRAPHS =
      """
      <graphs version="1">
        <graph id="0" pattern="4" crossnic="0" nchannels="2" speedintra="20" speedinter="20" latencyinter="0" typeintra="NVL" typeinter="PIX" samechannels="0">
          <channel><gpu dev="0" rank="0"/><gpu dev="0x1" rank="1"/><gpu dev="2" rank="2"/></channel>
          <channel><gpu dev="0"/><gpu dev="1"/><gpu dev="2"/></channel>
        </graph>
        <graph id="1" pattern="1" nchannels="1" speedintra="30" speedinter="12" typeintra="NVL" typeinter="PXB">
          <channel><net dev="0"/><gpu dev="2"/><gpu dev="0"/></channel>
        </graph>
        <graph id="3" pattern="5" nchannels="1" speedintra="30" speedinter="12">
          <channel><gpu dev="0"/><gpu dev="1"/></channel>
        </graph>
      </graphs>
      """;

  @Test
  void shouldJoinWhatChannelsJoin() {
    Reading reading = read(GRAPHS);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.links("host0/gpu0", "host0/gpu1").getFirst())
        .satisfies(link -> {
          assertThat(link.capacityBytesPerSecond()).isEqualTo(40e9);
          assertThat(link.lanes()).isEqualTo(2);
          assertThat(link.kind()).isEqualTo(LinkKind.NVLINK);
        });
    assertThat(topology.links("host0/gpu1", "host0/gpu0")).isEmpty();
    assertThat(topology.links("host0/gpu2", "host0/gpu0").getFirst().capacityBytesPerSecond())
        .isEqualTo(40e9);
    assertThat(topology.links("host0/gpu0", "host0/gpu2").getFirst().capacityBytesPerSecond())
        .isEqualTo(30e9);
    assertThat(topology.links("network", "host0/net0").getFirst().capacityBytesPerSecond())
        .isEqualTo(12e9);
    assertThat(topology.ranks()).hasSize(3);
    assertThat(topology.attributes())
        .containsEntry("graph.0.channels", "gpu0 gpu1 gpu2; gpu0 gpu1 gpu2")
        .containsEntry("graph.3.channels", "gpu0 gpu1");
    assertThat(topology.attributes().get("graph.1")).startsWith("pattern=1 nchannels=1");
  }

  @Test
  void shouldWarnOfMissingChannels() {
    assertThat(read(GRAPHS.replace("nchannels=\"2\"", "nchannels=\"12\"")).findings())
        .extracting(Finding::toString)
        .containsExactly("g.xml:2:3: warning: graphs/graph[0]: nchannels is 12, but there are 2");
  }

  private static Reading read(String text) {
    return new NcclGraphXml().read(new SourceFile("g.xml", text));
  }
}
