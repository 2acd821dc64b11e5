package dev.tutti.topology.draw;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TopologyLayoutTest {
  private static Stream<Topology> samples() {
    return Stream.concat(
        SampleTopologies.all().stream(),
        Stream.of("cloudmatrix-384", "ascend-a3", "fire-flyer", "ethernet-racks")
            .map(Presets::byName)
            .map(preset -> preset.make(PresetOptions.ofHosts(preset.defaultHosts()))));
  }

  private static Drawing draw(Topology topology) {
    return TopologyLayout.layout(topology, DrawingOptions.standard());
  }

  private static Drawing everything(Topology topology) {
    return TopologyLayout.layout(topology, DrawingOptions.everything());
  }

  private static Stream<Drawing> drawings() {
    return samples().flatMap(topology -> Stream.of(draw(topology), everything(topology)));
  }

  @ParameterizedTest
  @MethodSource("drawings")
  void shouldKeepBoxesApartAndInsideTheirFrames(Drawing drawing) {
    Map<String, List<Box>> siblings = new HashMap<>();
    Map<String, Box> byId = new HashMap<>();
    for (Box box : drawing.boxes()) {
      byId.put(box.id(), box);
      String parent = box.parent() == null ? "" : box.parent();
      for (Box sibling : siblings.getOrDefault(parent, List.of())) {
        assertThat(box.bounds().overlaps(sibling.bounds()))
            .as("%s overlaps %s", box.id(), sibling.id())
            .isFalse();
      }
      siblings.computeIfAbsent(parent, _ -> new ArrayList<>()).add(box);
      if (box.parent() != null) {
        assertThat(byId).as("frames come first").containsKey(parent);
        Box frame = drawing.box(parent);
        assertThat(frame.bounds().contains(box.bounds()))
            .as("%s %s in %s %s", box.id(), box.bounds(), frame.id(), frame.bounds())
            .isTrue();
      }
    }
    Rectangle paper = new Rectangle(0, 0, drawing.width(), drawing.height());
    assertThat(drawing.boxes()).allMatch(box -> paper.contains(box.bounds()));
    assertThat(drawing.connectors())
        .flatExtracting(Connector::points)
        .allMatch(point -> point.x() >= 0 && point.x() <= drawing.width())
        .allMatch(point -> point.y() >= 0 && point.y() <= drawing.height());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void shouldAccountForEveryLinkAndNodeOnce(Topology topology) {
    for (Drawing drawing : List.of(draw(topology), everything(topology))) {
      List<Link> links = new ArrayList<>(drawing.inside());
      drawing.connectors().forEach(connector -> links.addAll(connector.links()));
      List<String> nodes = new ArrayList<>();
      drawing.boxes().forEach(box -> nodes.addAll(box.nodes()));

      assertThat(counted(links)).isEqualTo(counted(topology.links()));
      assertThat(counted(nodes))
          .isEqualTo(counted(topology.nodes().stream().map(node -> node.id()).toList()));
    }
  }

  /// Returns how often each element is there: lists of 10,000 elements are long to search.
  private static <T> Map<T, Long> counted(List<T> elements) {
    return elements.stream().collect(groupingBy(identity(), counting()));
  }

  @Test
  void shouldBeginAndEndLinesAtTheirBoxes() {
    Drawing drawing = everything(SampleTopologies.dgx1());
    for (Connector connector : drawing.connectors()) {
      assertThat(onEdge(drawing.box(connector.from()), connector.points().getFirst())).isTrue();
      assertThat(onEdge(drawing.box(connector.to()), connector.points().getLast())).isTrue();
    }
  }

  private static boolean onEdge(Box box, Point point) {
    Rectangle bounds = box.bounds();
    boolean inX = point.x() >= bounds.x() && point.x() <= bounds.right();
    boolean inY = point.y() >= bounds.y() && point.y() <= bounds.bottom();
    return inX
        && inY
        && (point.y() == bounds.y()
            || point.y() == bounds.bottom()
            || point.x() == bounds.x()
            || point.x() == bounds.right());
  }

  @Test
  void shouldFoldEqualHostsIntoOne() {
    Drawing drawing = draw(SampleTopologies.hgx(64));

    List<Box> hosts = drawing.boxes().stream().filter(box -> box.role() == Box.Role.HOST).toList();
    assertThat(hosts).singleElement().satisfies(host -> assertThat(host.alike()).isEqualTo(64));
    assertThat(drawing.isStack(hosts.getFirst())).isTrue();
    assertThat(drawing.boxes().size()).isLessThan(60);
  }

  @Test
  void shouldDrawIllHostsByThemselves() {
    Drawing drawing = draw(SampleTopologies.hgxWithIllHosts());

    assertThat(drawing.boxes())
        .filteredOn(box -> box.role() == Box.Role.HOST)
        .extracting(Box::id)
        .containsExactly("node00", "node17", "node40", "node51");
    assertThat(drawing.box("node00").alike()).isEqualTo(61);
    assertThat(drawing.box("node00").health().isIll()).isFalse();
    assertThat(drawing.box("node17").health()).isEqualTo(LinkHealth.BELOW_50);
    assertThat(drawing.box("node40").health()).isEqualTo(LinkHealth.BELOW_75);
    assertThat(drawing.box("node51").health()).isEqualTo(LinkHealth.DOWN);
  }

  @Test
  void shouldDrawEachDirectionByItselfWhereTheyDiffer() {
    Drawing drawing = draw(SampleTopologies.racks());

    List<Connector> trunk =
        drawing.connectors().stream()
            .filter(line -> List.of(line.from(), line.to()).contains("rack0/tor"))
            .filter(line -> List.of(line.from(), line.to()).contains("core"))
            .toList();
    assertThat(trunk)
        .extracting(Connector::oneWay, Connector::cables, Connector::health)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(false, 3, LinkHealth.GOOD),
            org.assertj.core.groups.Tuple.tuple(true, 1, LinkHealth.BELOW_75),
            org.assertj.core.groups.Tuple.tuple(true, 1, LinkHealth.GOOD));
    assertThat(trunk).anyMatch(line -> line.label() != null && line.label().text().contains("of"));
  }

  @Test
  void shouldPutCoresOfTheNetworkOnTop() {
    Drawing drawing = everything(SampleTopologies.hgx(4));

    double spine = drawing.box("spine0").bounds().bottom();
    double leaf = drawing.box("leaf0").bounds().y();
    double host = drawing.box("node00").bounds().y();
    assertThat(spine).isLessThan(leaf);
    assertThat(leaf).isLessThan(host);
    assertThat(drawing.box("node00/nvs0").bounds().y())
        .isGreaterThan(drawing.box("node00/numa0/gpu0").bounds().bottom());
  }

  @Test
  void shouldDrawNothingForAnEmptyTopology() {
    Drawing drawing = draw(Topology.builder("empty").build());

    assertThat(drawing.boxes()).isEmpty();
    assertThat(drawing.width()).isPositive().isFinite();
    assertThat(drawing.height()).isPositive().isFinite();
  }

  @Test
  void shouldPlaceManyHostsInLittleTime() {
    long start = System.nanoTime();

    Drawing drawing = everything(SampleTopologies.hgx(256));

    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf("2048 ranks placed in %.2f s%n", seconds);
    assertThat(drawing.boxes().size()).isGreaterThan(256 * 30);
    assertThat(seconds).isLessThan(10);
  }
}
