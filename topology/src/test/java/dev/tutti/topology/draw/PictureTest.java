package dev.tutti.topology.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.topology.Link;
import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;

final class PictureTest {
  private static Stream<Topology> samples() {
    return SampleTopologies.all().stream();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldWriteWellFormedSvgThatNamesWhatItShows(Topology topology) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    new Svg().write(topology, out);

    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(out.toByteArray()));
    assertThat(document.getDocumentElement().getNodeName()).isEqualTo("svg");
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo(topology.name());
    assertThat(document.getElementsByTagName("script").getLength()).isZero();
  }

  @Test
  void shouldFollowTheScreenButStayLightOnPaper() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    new Svg().write(SampleTopologies.racks(), out);

    assertThat(out.toString(java.nio.charset.StandardCharsets.UTF_8))
        .contains("@media screen and (prefers-color-scheme: dark)")
        .contains("0.125 of 1.25 GB/s");
  }

  @Test
  void shouldWritePngThatIsNotBlank() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    new Png(DrawingOptions.standard().withTheme(Theme.DARK), 2)
        .write(SampleTopologies.racks(), out);

    BufferedImage image = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
    Drawing drawing = TopologyLayout.layout(SampleTopologies.racks(), DrawingOptions.standard());
    assertThat(image.getWidth()).isEqualTo((int) Math.ceil(drawing.width() * 2));
    Set<Integer> colors = new HashSet<>();
    for (int x = 0; x < image.getWidth(); x += 3) {
      for (int y = 0; y < image.getHeight(); y += 3) {
        colors.add(image.getRGB(x, y));
      }
    }
    assertThat(colors.size()).isGreaterThan(20);
    assertThat(image.getRGB(1, 1)).isEqualTo(0xFF12161C);
  }

  @Test
  void shouldShowWhatAPlanDoes() throws IOException {
    Topology topology = SampleTopologies.racks();
    List<String> places = topology.ranks().values().stream().distinct().toList();
    Link first = topology.links().getLast();
    Overlay overlay =
        new Overlay(
            "ring all-reduce",
            List.of(Overlay.Path.ring("lane 0", places)),
            List.of(new Overlay.LinkLoad(first.from(), first.to(), 1e6, 0.37)),
            new Overlay.Cut(
                List.of(first.from()),
                List.of(new Overlay.Hop(first.from(), first.to())),
                1e9,
                "bound 1 ms, plan 2 ms: 50 %"),
            List.of());
    DrawingOptions options = DrawingOptions.standard().withOverlay(overlay);
    Drawing drawing = TopologyLayout.layout(topology, options);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    new Svg(options).write(topology, out);

    assertThat(drawing.ways().getFirst().arcs()).hasSize(places.size());
    assertThat(drawing.crossing()).hasSize(1);
    assertThat(out.toString(java.nio.charset.StandardCharsets.UTF_8))
        .contains("Plan: ring all-reduce")
        .contains("37 % busy")
        .contains("class=\"line glow\"")
        .contains("Limiting cut (glowing): 1 GB/s across, bound 1 ms, plan 2 ms: 50 %");
  }

  /// Every arc ends outside of the box that it points to, and there and back are apart.
  @Test
  void shouldKeepWaysThereAndBackApart() {
    Topology topology = SampleTopologies.racks();
    List<String> two = topology.ranks().values().stream().distinct().limit(2).toList();
    Overlay overlay =
        new Overlay("two", List.of(Overlay.Path.ring("lane 0", two)), List.of(), null, List.of());

    Drawing drawing =
        TopologyLayout.layout(topology, DrawingOptions.standard().withOverlay(overlay));

    List<List<Point>> arcs = drawing.ways().getFirst().arcs();
    assertThat(arcs).hasSize(2);
    assertThat(arcs.get(0).get(1).y()).isNotEqualTo(arcs.get(1).get(1).y());
  }

  @Test
  void shouldRefuseAPlanOnNodesThatAreNotThere() {
    Overlay overlay =
        new Overlay(
            "two", List.of(Overlay.Path.ring("r", List.of("x", "y"))), List.of(), null, List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            TopologyLayout.layout(
                SampleTopologies.racks(), DrawingOptions.standard().withOverlay(overlay)))
        .withMessageContaining("'x'");
  }

  @Test
  void shouldRefuseScalesThatMakeNoPicture() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Png(DrawingOptions.standard(), 0))
        .withMessage("scale is 0.0, expected above 0, at most 8");
  }
}
