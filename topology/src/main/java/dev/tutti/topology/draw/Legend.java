package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Drawing.Caption;
import dev.tutti.topology.draw.Drawing.Sample;
import dev.tutti.topology.draw.Drawing.Style;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The texts around a drawing: above it what it is and how it does, below it what lines mean.
final class Legend {
  private static final double LINE = 18;
  private static final double SAMPLE = 34;
  private static final int SLOWEST = 5;

  private final Topology topology;
  private final List<Caption> captions = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private final String summary;
  private final String state;
  private final @Nullable Overlay overlay;
  private final List<Drawing.Way> keys = new ArrayList<>();

  Legend(View view, @Nullable Overlay overlay) {
    topology = view.topology();
    this.overlay = overlay;
    summary = summary(topology);
    state = state(topology);
  }

  List<Caption> captions() {
    return captions;
  }

  List<Sample> samples() {
    return samples;
  }

  /// Returns the lines that tell which way has which colour.
  List<Drawing.Way> keys() {
    return keys;
  }

  String description() {
    String plan = overlay == null ? "" : ". Plan: " + overlay.title();
    return summary + ". " + state + plan;
  }

  /// Returns how wide the head is at least.
  double width() {
    double title = Sizes.textWidth(Sizes.fit(topology.name(), 20, 900), 20);
    return Math.clamp(
        Math.max(title, Math.max(Sizes.textWidth(summary, 12), Sizes.textWidth(state, 12))),
        560,
        900);
  }

  /// Writes the head and returns where the picture begins.
  double head() {
    double x = Sizes.MARGIN;
    captions.add(new Caption(Sizes.fit(topology.name(), 20, 900), new Point(x, 38), Style.TITLE));
    captions.add(new Caption(summary, new Point(x, 58), Style.SUMMARY));
    boolean isIll = topology.links().stream().anyMatch(link -> LinkHealth.of(link).isIll());
    captions.add(
        new Caption(
            Sizes.fit(state, 12, 860), new Point(x, 76), isIll ? Style.ALARM : Style.SUMMARY));
    if (overlay == null) {
      return 100;
    }
    String plan = Sizes.fit("Plan: " + overlay.title(), 12, 860);
    captions.add(new Caption(plan, new Point(x, 94), Style.SUMMARY));
    return 118;
  }

  static String summary(Topology topology) {
    Map<NodeKind, Integer> counts = new EnumMap<>(NodeKind.class);
    topology.nodes().forEach(node -> counts.merge(node.kind(), 1, Integer::sum));
    List<String> parts = new ArrayList<>();
    Labels.count(counts, NodeKind.HOST, "host", parts);
    Labels.count(counts, NodeKind.DEVICE, "device", parts);
    Labels.count(counts, NodeKind.NIC, "NIC", parts);
    Labels.count(counts, NodeKind.SWITCH, "switch", parts);
    parts.add(topology.links().size() + (topology.links().size() == 1 ? " link" : " links"));
    if (!topology.ranks().isEmpty()) {
      parts.add(topology.ranks().size() + (topology.ranks().size() == 1 ? " rank" : " ranks"));
    }
    return String.join(" · ", parts);
  }

  static String state(Topology topology) {
    long measured = topology.links().stream().filter(link -> link.measured() != null).count();
    long compared = topology.links().stream().filter(link -> link.health() != null).count();
    List<Link> ill = topology.links().stream().filter(link -> LinkHealth.of(link).isIll()).toList();
    if (ill.isEmpty()) {
      return measured == 0
          ? "No link was measured"
          : measured
              + " links measured, "
              + (compared == 0
                  ? "nobody says what they should carry"
                  : "none below 90 % of nominal");
    }
    Link worst = slowest(ill).getFirst();
    return (ill.size() == 1 ? "One link falls" : ill.size() + " links fall")
        + " short; worst: "
        + describe(topology, worst);
  }

  static List<Link> slowest(List<Link> ill) {
    return ill.stream()
        .sorted(
            Comparator.comparing(LinkHealth::of)
                .reversed()
                .thenComparingDouble(link -> link.health() == null ? 0 : link.health()))
        .toList();
  }

  static String describe(Topology topology, Link link) {
    String ends = path(topology, link.from()) + " → " + path(topology, link.to());
    if (LinkHealth.of(link) == LinkHealth.DOWN) {
      return ends + " is down";
    }
    Double health = link.health();
    return ends
        + " "
        + Quantities.rate(link.bestKnownBytesPerSecond()).replace(" GB/s", "")
        + " of "
        + Quantities.rate(link.capacityBytesPerSecond())
        + (health == null ? "" : " (" + Quantities.percent(health) + ")");
  }

  private static String path(Topology topology, String id) {
    Node node = topology.node(id);
    Node host = topology.enclosing(id, NodeKind.HOST);
    String name = host == null || host.equals(node) ? node.name() : host.name() + " " + node.name();
    return Sizes.fit(name, 12, 260);
  }

  /// Writes the legend and returns where it ends.
  double foot(double top, double width, List<Connector> connectors, Widths widths) {
    double y = top + 8;
    double x = Sizes.MARGIN;
    double next = colors(x, y, connectors);
    double bottom = next;
    double column = x + 250;
    bottom = Math.max(bottom, kinds(column, y, widths));
    if (width > 900) {
      bottom = Math.max(bottom, slow(column + 400, y, width - column - 400 - Sizes.MARGIN));
    } else {
      bottom = slow(x, bottom + 2 * LINE - 6, width - 2 * x);
    }
    return bottom;
  }

  /// Writes what a plan does and what limits it, and returns where that ends.
  double plan(double top, double width, PlanMarks marks) {
    if (overlay == null) {
      return top;
    }
    double x = Sizes.MARGIN;
    double y = top + 2 * LINE - 6;
    captions.add(new Caption("Plan: " + overlay.title(), new Point(x, y), Style.HEAD));
    y += LINE;
    for (Drawing.Way way : marks.ways()) {
      double next = x + SAMPLE + 8 + Sizes.textWidth(way.label(), 11) + 20;
      if (next > width - Sizes.MARGIN && x > Sizes.MARGIN) {
        next -= x - Sizes.MARGIN;
        x = Sizes.MARGIN;
        y += LINE;
      }
      List<Point> line = List.of(new Point(x, y - 4), new Point(x + SAMPLE, y - 4));
      keys.add(new Drawing.Way("", way.color(), List.of(line)));
      captions.add(new Caption(way.label(), new Point(x + SAMPLE + 8, y), Style.LEGEND));
      x = next;
    }
    if (!marks.ways().isEmpty()) {
      y += LINE;
    } else if (!overlay.paths().isEmpty()) {
      y = paragraph("It sends more ways than could be told apart here.", y, width);
    }
    Overlay.Cut cut = overlay.cut();
    if (cut != null) {
      String crossing =
          "Limiting cut (glowing): " + Quantities.rate(cut.bytesPerSecond()) + " across, ";
      y = paragraph((cut.links().isEmpty() ? "" : crossing) + cut.note(), y, width);
    }
    return paragraph(
            "Percentages at lines: how much of that time their busiest link is busy.", y, width)
        - LINE;
  }

  private double paragraph(String text, double top, double width) {
    double y = top;
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      boolean full = Sizes.textWidth(line + " " + word, 11) > width - 2 * Sizes.MARGIN;
      if (full && !line.isEmpty()) {
        captions.add(new Caption(line.toString(), new Point(Sizes.MARGIN, y), Style.LEGEND));
        line.setLength(0);
        y += LINE;
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    captions.add(new Caption(line.toString(), new Point(Sizes.MARGIN, y), Style.LEGEND));
    return y + LINE;
  }

  private double colors(double x, double y, List<Connector> connectors) {
    captions.add(new Caption("Measured / nominal", new Point(x, y), Style.HEAD));
    Set<LinkHealth> used = EnumSet.noneOf(LinkHealth.class);
    connectors.forEach(connector -> used.add(connector.health()));
    if (used.stream().anyMatch(LinkHealth::isIll)) {
      used.addAll(
          List.of(LinkHealth.GOOD, LinkHealth.BELOW_90, LinkHealth.BELOW_75, LinkHealth.BELOW_50));
    }
    double at = y + LINE;
    for (LinkHealth health : used) {
      sample(x, at, 3, health, health == LinkHealth.DOWN);
      captions.add(new Caption(health.display(), new Point(x + SAMPLE + 8, at), Style.LEGEND));
      at += LINE;
    }
    if (connectors.stream().anyMatch(connector -> connector.bytesPerSecond() == null)) {
      sample(x, at, 1.2, LinkHealth.UNKNOWN, true);
      captions.add(new Caption("capacity unknown", new Point(x + SAMPLE + 8, at), Style.LEGEND));
      at += LINE;
    }
    return at - LINE;
  }

  private void sample(double x, double y, double width, LinkHealth health, boolean dashed) {
    samples.add(
        new Sample(new Point(x, y - 4), new Point(x + SAMPLE, y - 4), width, health, dashed));
  }

  private double kinds(double x, double y, Widths widths) {
    Map<LinkKind, Map<Double, Integer>> kinds = new EnumMap<>(LinkKind.class);
    for (Link link : topology.links()) {
      Double capacity = link.expectedBytesPerSecond();
      kinds
          .computeIfAbsent(link.kind(), _ -> new TreeMap<>(Comparator.reverseOrder()))
          .merge(capacity == null ? 0.0 : capacity, 1, Integer::sum);
    }
    captions.add(new Caption("Capacity of one link, each way", new Point(x, y), Style.HEAD));
    double at = y + LINE;
    for (Map.Entry<LinkKind, Map<Double, Integer>> kind : kinds.entrySet()) {
      int rows = 0;
      for (Map.Entry<Double, Integer> capacity : kind.getValue().entrySet()) {
        if (rows++ == 3) {
          break; // a file in which every link has a number of its own
        }
        boolean known = capacity.getKey() > 0;
        sample(x, at, known ? widths.of(capacity.getKey()) : 1.2, LinkHealth.UNKNOWN, !known);
        String text =
            kind.getKey().display()
                + "  "
                + (known ? Quantities.rate(capacity.getKey()) : "capacity unknown")
                + "  × "
                + capacity.getValue();
        captions.add(new Caption(text, new Point(x + SAMPLE + 8, at), Style.LEGEND));
        at += LINE;
      }
    }
    return at - LINE;
  }

  private double slow(double x, double y, double width) {
    List<Link> ill =
        slowest(topology.links().stream().filter(link -> LinkHealth.of(link).isIll()).toList());
    if (ill.isEmpty()) {
      return y;
    }
    captions.add(new Caption("Falling short", new Point(x, y), Style.HEAD));
    double at = y + LINE;
    for (Link link : ill.subList(0, Math.min(SLOWEST, ill.size()))) {
      sample(x, at, 3, LinkHealth.of(link), LinkHealth.of(link) == LinkHealth.DOWN);
      String text = Sizes.fit(describe(topology, link), 11, Math.max(200, width - SAMPLE - 8));
      captions.add(new Caption(text, new Point(x + SAMPLE + 8, at), Style.LEGEND));
      at += LINE;
    }
    if (ill.size() > SLOWEST) {
      String more = "and " + (ill.size() - SLOWEST) + " more";
      captions.add(new Caption(more, new Point(x + SAMPLE + 8, at), Style.LEGEND));
      at += LINE;
    }
    return at - LINE;
  }
}
