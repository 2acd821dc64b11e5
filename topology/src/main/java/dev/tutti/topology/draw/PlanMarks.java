package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a picture shows of an [Overlay]: the plan's ways as arcs between boxes, how busy its lines
/// are, and which lines the limiting cut crosses.
///
/// @param ways those that could be drawn
/// @param crossing ids of the lines that lead across the cut
/// @param busy by id of the line: the share of the time during which its busiest link is busy
record PlanMarks(List<Drawing.Way> ways, Set<String> crossing, Map<String, Double> busy) {
  // More arcs would hide what is beneath.
  private static final int MOST_ARCS = 240;
  private static final double LEAST_BEND = 18;
  private static final double MOST_BEND = 130;
  private static final double BEND = 0.2; // of the length

  private record Ends(String from, String to) {}

  /// Marks nothing.
  static PlanMarks none() {
    return new PlanMarks(List.of(), Set.of(), Map.of());
  }

  static PlanMarks of(Overlay overlay, List<Box> boxes, List<Connector> connectors) {
    Map<Ends, List<String>> lines = new HashMap<>();
    for (Connector connector : connectors) {
      for (Link link : connector.links()) {
        lines
            .computeIfAbsent(new Ends(link.from(), link.to()), _ -> new ArrayList<>())
            .add(connector.id());
      }
    }
    Map<String, Double> busy = new HashMap<>();
    for (Overlay.LinkLoad load : overlay.loads()) {
      for (String line : lines.getOrDefault(new Ends(load.from(), load.to()), List.of())) {
        busy.merge(line, load.busy(), Math::max);
      }
    }
    Set<String> crossing = new HashSet<>();
    Overlay.Cut cut = overlay.cut();
    if (cut != null) {
      cut.links()
          .forEach(hop ->
              crossing.addAll(lines.getOrDefault(new Ends(hop.from(), hop.to()), List.of())));
    }
    return new PlanMarks(ways(overlay, boxes), crossing, busy);
  }

  /// Returns the lines that are labelled with how busy they are: the busiest.
  List<String> busiest(int most) {
    return busy.entrySet().stream()
        .sorted(
            Comparator.comparingDouble((Map.Entry<String, Double> line) -> -line.getValue())
                .thenComparing(Map.Entry::getKey))
        .limit(most)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static List<Drawing.Way> ways(Overlay overlay, List<Box> boxes) {
    Map<String, Box> boxOf = new HashMap<>();
    for (Box box : boxes) {
      box.nodes().forEach(node -> boxOf.put(node, box));
    }
    List<Drawing.Way> ways = new ArrayList<>();
    int arcs = 0;
    for (Overlay.Path path : overlay.paths()) {
      Map<Ends, List<Point>> arcOf = new LinkedHashMap<>(); // the hops in their order
      for (Overlay.Hop hop : path.hops()) {
        Box from = boxOf.get(hop.from());
        Box to = boxOf.get(hop.to());
        if (from != null && to != null && !from.id().equals(to.id())) {
          Ends ends = new Ends(from.id(), to.id());
          arcOf.put(ends, arc(from.bounds(), to.bounds()));
        }
      }
      arcs += arcOf.size();
      if (!arcOf.isEmpty()) {
        ways.add(new Drawing.Way(path.label(), ways.size(), List.copyOf(arcOf.values())));
      }
    }
    return arcs > MOST_ARCS ? List.of() : ways;
  }

  /// Returns an arc from the edge of a box to that of another. It bends to the left of its way, so
  /// that there and back do not cover each other: in a row there goes above and back below.
  private static List<Point> arc(Rectangle from, Rectangle to) {
    Point a = from.center();
    Point b = to.center();
    double x = b.x() - a.x();
    double y = b.y() - a.y();
    double length = Math.max(1, Math.hypot(x, y));
    boolean inRow = from.y() < to.bottom() && to.y() < from.bottom();
    double least = inRow ? LEAST_BEND + from.height() : LEAST_BEND;
    double bend = Math.clamp(BEND * length, least, Math.max(least, MOST_BEND));
    Point control =
        new Point((a.x() + b.x()) / 2 + y / length * bend, (a.y() + b.y()) / 2 - x / length * bend);
    return List.of(edge(from, control), control, edge(to, control));
  }

  /// Returns where the line from the middle of a box to a point leaves the box.
  private static Point edge(Rectangle box, Point towards) {
    Point middle = box.center();
    double x = towards.x() - middle.x();
    double y = towards.y() - middle.y();
    double share =
        Math.min(
            x == 0 ? 1 : box.width() / 2 / Math.abs(x),
            y == 0 ? 1 : box.height() / 2 / Math.abs(y));
    share = Math.min(1, share);
    return new Point(middle.x() + x * share, middle.y() + y * share);
  }
}
