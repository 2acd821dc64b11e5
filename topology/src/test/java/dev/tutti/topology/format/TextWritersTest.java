package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.topology.Cable;
import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;

final class TextWritersTest {
  private static String text(TopologyWriter writer, Topology topology) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(topology, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static java.util.List<Topology> samples() {
    return SampleTopologies.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldWriteWellFormedGraphMlWithEveryNodeAndLink(Topology topology) throws Exception {
    String xml = text(new GraphMl(), topology);

    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    assertThat(document.getElementsByTagName("node").getLength())
        .isEqualTo(topology.nodes().size());
    assertThat(document.getElementsByTagName("edge").getLength())
        .isEqualTo(topology.links().size());
  }

  @Test
  void shouldNestGraphsInGraphMl() throws IOException {
    String xml = text(new GraphMl(), SampleTopologies.machine());

    assertThat(xml).contains("<graph id=\"n1g\" edgedefault=\"directed\">");
    assertThat(xml).contains("attr.name=\"attribute.cpus\"").contains(">0-1<");
  }

  @Test
  void shouldMergeCablesThatAreAlikeInMermaid() throws IOException {
    String text = text(new Mermaid(), SampleTopologies.racks());

    // The trunk of rack A has three good cables and one that is slow upwards only.
    assertThat(text).contains("n2 <-->|\"3 × 1.23 GB/s of 1.25 GB/s\"| n0");
    assertThat(text).contains("n2 -->|\"0.763 GB/s of 1.25 GB/s\"| n0");
    assertThat(text).contains("stroke:#D55E00");
    assertThat(text).contains("subgraph n1[\"rack A\"]");
  }

  @Test
  void shouldEscapeHostileNamesInMermaid() {
    String text = Mermaid.text(SampleTopologies.hostile());

    assertThat(text).doesNotContain("<script>").doesNotContain("\nsecond line");
    assertThat(text).contains("#60;script#62;alert(#34;x#34;)");
  }

  @Test
  void shouldEscapeHostileNamesInDot() {
    assertThat(Dot.quoted("a\"b\\c\nd\u0000")).isEqualTo("\"a\\\"b\\\\c\\nd\uFFFD\"");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldWriteWhatGraphvizAccepts(Topology topology, @TempDir Path directory) throws Exception {
    assumeTrue(topology.links().size() < 1000, "Graphviz needs long for " + topology);
    assumeTrue(isInstalled("dot"), "Graphviz' dot is not installed");
    Path file = directory.resolve("topology.dot");
    Path errors = directory.resolve("errors");
    Files.writeString(file, Dot.text(topology));

    Process dot =
        new ProcessBuilder("dot", "-Tsvg", "-o", directory + "/out.svg", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(errors.toFile())
            .start();

    assertThat(dot.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(errors)).doesNotContain("rror");
    assertThat(dot.exitValue()).isZero();
    String svg = Files.readString(directory.resolve("out.svg"));
    int edges = svg.split("class=\"edge\"", -1).length - 1;
    assertThat(edges).isGreaterThanOrEqualTo(Cable.of(topology.links()).size());
  }

  private static boolean isInstalled(String program) {
    for (String directory : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }
}
