package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.RandomTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TopologyJsonTest {
  @Test
  void shouldLoseNothing() {
    Topology topology =
        Topology.builder("everything \"quoted\"")
            .attribute("source", "test")
            .node("a", NodeKind.HOST, "Host a", null)
            .node(new Node("a/g", NodeKind.DEVICE, "GPU", "a", Map.of(Attributes.KEY, "ü")))
            .node("n", NodeKind.NETWORK, "n", null)
            .cable(
                Link.of("a/g", "n", LinkKind.ROCE, 12.5e9, "sysfs")
                    .withLanes(4)
                    .withLatency(1.5e-6)
                    .withAttribute("k", "v")
                    .withMeasured(new Measurement(1.1e10, 1e10, 1.2e10, 2.25e-6)))
            .rank(7, "a/g")
            .build();

    Topology read = TopologyJson.parse("text", TopologyJson.text(topology));

    assertThat(read).isEqualTo(topology);
  }

  @Test
  void shouldGiveBackAnyTopology() {
    for (long seed = 0; seed < 500; seed++) {
      Topology topology = RandomTopologies.any(seed);

      assertThat(TopologyJson.parse("text", TopologyJson.text(topology)))
          .as("seed %d", seed)
          .isEqualTo(topology);
    }
  }

  @Test
  void shouldNameThePlaceWhenAKindIsUnknown() {
    String text =
        """
        {"format": "tutti-topology", "version": 1, "name": "x",
         "nodes": [
          {"id": "a", "kind": "toaster"}]}
        """;

    assertThatThrownBy(() -> TopologyJson.parse("x.json", text))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessageStartingWith("x.json:3:3: nodes[0]: no kind of node 'toaster'; there are [group")
        .extracting(e -> ((TopologyFormatException) e).line())
        .isEqualTo(3);
  }

  @Test
  void shouldTakeATrailingCommaWithAWarning() {
    String text =
        "{\"format\": \"tutti-topology\", \"version\": 1, \"name\": \"x\",\n \"nodes\": [],\n}";

    Reading reading = new TopologyJson().read(new SourceFile("x.json", text));

    assertThat(reading.topology().name()).isEqualTo("x");
    assertThat(reading.findings())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
          assertThat(finding.place()).startsWith("x.json:3");
        });
  }

  @Test
  void shouldRefuseWhatIsNoJson() {
    assertThatThrownBy(() -> TopologyJson.parse("x.json", "{\"format\": tutti}"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessageStartingWith("x.json:1:")
        .hasMessageContaining("is no valid JSON: ");
    assertThatThrownBy(() -> TopologyJson.parse("x.json", "[".repeat(100_000)))
        .isInstanceOf(TopologyFormatException.class);
  }

  @Test
  void shouldRefuseAnotherVersion() {
    assertThatThrownBy(() ->
            TopologyJson.parse(
                "x.json", "{\"format\": \"tutti-topology\", \"version\": 9, \"name\": \"x\"}"))
        .hasMessage("x.json:1:41: version: is 9, but this reads version 1 only");
  }

  private static final class Attributes {
    private static final String KEY = "model";
  }
}
