package dev.tutti.topology.draw;

import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.draw.Bundles.Bundle;
import dev.tutti.topology.draw.Ports.End;
import dev.tutti.topology.draw.Ports.Side;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the way of each line between its boxes: straight or as an S between rows, as an arc within
/// one, through the channel above NUMA domains. A line that leaves a host leaves its frame upright.
final class Routing {
  /// How much of the height between two boxes a line bends away from upright, at either end.
  private static final double STUB = 0.3;

  /// How a line runs.
  private enum Way {
    STRAIGHT,
    BETWEEN_ROWS,
    ARC_BELOW,
    ARC_ABOVE,
    CHANNEL
  }

  private record Plan(Way way, End from, End to, double depth) {}

  private final Map<String, Box> boxes = new LinkedHashMap<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<String, List<double[]>> channels = new HashMap<>();

  Routing(List<Box> boxes) {
    boxes.forEach(box -> this.boxes.put(box.id(), box));
    Map<String, List<Box>> rows = new HashMap<>();
    for (Box box : boxes) {
      if (box.role() == Box.Role.ITEM) {
        rows.computeIfAbsent(hostOrGroup(box) + "/" + box.kind(), _ -> new ArrayList<>()).add(box);
      }
    }
    for (List<Box> row : rows.values()) {
      row.sort(java.util.Comparator.comparingDouble(box -> box.bounds().x()));
      row.forEach(box -> places.put(box.id(), places.size()));
    }
  }

  private String hostOrGroup(Box box) {
    Box outer = box;
    while (outer.parent() != null) {
      outer = box(outer.parent());
      if (outer.role() == Box.Role.HOST) {
        return outer.id();
      }
    }
    return String.valueOf(box.parent());
  }

  private Box box(String id) {
    Box box = boxes.get(id);
    if (box == null) {
      throw new IllegalStateException("no box was drawn for '" + id + "'");
    }
    return box;
  }

  List<Connector> route(List<Bundle> bundles, Widths widths) {
    Ports ports = new Ports();
    List<Plan> plans = new ArrayList<>();
    for (int i = 0; i < bundles.size(); i++) {
      Plan plan = plan(i, box(bundles.get(i).from()), box(bundles.get(i).to()));
      plans.add(plan);
      ports.add(plan.from());
      ports.add(plan.to());
    }
    ports.share();
    List<Connector> connectors = new ArrayList<>();
    for (int i = 0; i < bundles.size(); i++) {
      connectors.add(connector(bundles.get(i), plans.get(i), ports, "c" + i, widths));
    }
    return connectors;
  }

  private Plan plan(int line, Box from, Box to) {
    Rectangle a = from.bounds();
    Rectangle b = to.bounds();
    double toB = b.center().x();
    double toA = a.center().x();
    if (a.bottom() <= b.y()) {
      return new Plan(
          Way.BETWEEN_ROWS,
          new End(line, from, Side.BOTTOM, toB, toB),
          new End(line, to, Side.TOP, toA, toA),
          0);
    }
    if (b.bottom() <= a.y()) {
      return new Plan(
          Way.BETWEEN_ROWS,
          new End(line, from, Side.TOP, toB, toB),
          new End(line, to, Side.BOTTOM, toA, toA),
          0);
    }
    boolean right = toB > toA;
    if (isClearBetween(from, to)) {
      return new Plan(
          Way.STRAIGHT,
          new End(line, from, right ? Side.RIGHT : Side.LEFT, line, line),
          new End(line, to, right ? Side.LEFT : Side.RIGHT, line, line),
          0);
    }
    return arc(line, from, to, right);
  }

  private Plan arc(int line, Box from, Box to, boolean right) {
    boolean isDomain = isDomain(from) && isDomain(to);
    boolean below = !isDomain && from.kind() == NodeKind.DEVICE;
    Side side = below ? Side.BOTTOM : Side.TOP;
    int apart = Math.abs(place(from) - place(to));
    double far = 1e7 - Math.abs(from.bounds().center().x() - to.bounds().center().x());
    // The farther a line goes the nearer to the middle it begins: so nested arcs do not cross.
    double nudge = line * 1e-3;
    End first = new End(line, from, side, (right ? far : -far) + nudge, corner(from, right));
    End last = new End(line, to, side, (right ? -far : far) - nudge, corner(to, !right));
    double depth = Sizes.ARC + Sizes.ARC_STEP * Math.max(0, apart - 1);
    if (isDomain && hostOrGroup(from).equals(hostOrGroup(to))) {
      return new Plan(Way.CHANNEL, first, last, track(from, to));
    }
    return new Plan(below ? Way.ARC_BELOW : Way.ARC_ABOVE, first, last, depth);
  }

  /// Returns where a line to another domain begins: beside the NIC that may stand above. Lines
  /// between others are spread evenly.
  private static double corner(Box box, boolean right) {
    if (!isDomain(box)) {
      return Double.NEGATIVE_INFINITY;
    }
    return right ? box.bounds().right() - 9 : box.bounds().x() + 9;
  }

  private int place(Box box) {
    return places.getOrDefault(box.id(), 0);
  }

  private static boolean isDomain(Box box) {
    return box.kind() == NodeKind.NUMA || box.kind() == NodeKind.PACKAGE;
  }

  /// Returns how far up in the channel a line between two domains runs: the first track that is
  /// free where it goes.
  private double track(Box from, Box to) {
    double low = Math.min(from.bounds().center().x(), to.bounds().center().x());
    double high = Math.max(from.bounds().center().x(), to.bounds().center().x());
    List<double[]> taken = channels.computeIfAbsent(hostOrGroup(from), _ -> new ArrayList<>());
    int track = 0;
    while (isTaken(taken, track, low, high)) {
      track++;
    }
    taken.add(new double[] {track, low, high});
    Box area = from.parent() == null ? from : box(from.parent());
    double top = (area.role() == Box.Role.AREA ? area : from).bounds().y();
    return from.bounds().y() - (top - 8 - 8 * Math.min(track, 5));
  }

  private static boolean isTaken(List<double[]> taken, int track, double low, double high) {
    return taken.stream().anyMatch(other -> other[0] == track && other[1] < high && low < other[2]);
  }

  /// Tells whether two boxes stand side by side with nothing between them.
  private boolean isClearBetween(Box from, Box to) {
    if (from.role() != Box.Role.ITEM
        || to.role() != Box.Role.ITEM
        || !hostOrGroup(from).equals(hostOrGroup(to))
        || from.kind() == NodeKind.DEVICE) {
      return false;
    }
    Rectangle a = from.bounds();
    Rectangle b = to.bounds();
    double left = Math.min(a.right(), b.right());
    double right = Math.max(a.x(), b.x());
    double y = Math.max(a.y(), b.y());
    Rectangle between = new Rectangle(left, y, right - left, Math.min(a.bottom(), b.bottom()) - y);
    return boxes.values().stream()
        .filter(box -> box.role() == Box.Role.ITEM)
        .filter(box -> !box.id().equals(from.id()) && !box.id().equals(to.id()))
        .noneMatch(box -> box.bounds().overlaps(between));
  }

  private Connector connector(Bundle bundle, Plan plan, Ports ports, String id, Widths widths) {
    Point start = ports.place(plan.from());
    Point end = ports.place(plan.to());
    List<List<Point>> leads = new ArrayList<>();
    List<Point> points = new ArrayList<>(List.of(start));
    switch (plan.way()) {
      case STRAIGHT -> {}
      case ARC_BELOW -> arc(points, start, end, Math.max(start.y(), end.y()) + plan.depth());
      case ARC_ABOVE, CHANNEL ->
          arc(points, start, end, Math.min(start.y(), end.y()) - plan.depth());
      case BETWEEN_ROWS -> {
        Point leave = leave(plan.from(), plan.to(), start);
        Point arrive = leave(plan.to(), plan.from(), end);
        if (leave != null) {
          leads.add(List.of(start, leave));
          points.addAll(List.of(leave, leave)); // twice: the line goes through it
        }
        Point first = leave == null ? start : leave;
        Point last = arrive == null ? end : arrive;
        if (Math.abs(first.x() - last.x()) > 2) {
          double stub = (last.y() - first.y()) * STUB;
          points.add(new Point(first.x(), first.y() + stub));
          points.add(new Point(last.x(), last.y() - stub));
        }
        if (arrive != null) {
          leads.add(List.of(arrive, end));
          points.addAll(List.of(arrive, arrive));
        }
      }
    }
    points.add(end);
    Double total = bundle.total();
    boolean heavy = bundle.health().isIll() && bundle.health() != LinkHealth.BELOW_90;
    double width = total == null ? 1.2 : widths.of(total);
    return new Connector(
        id,
        bundle.from(),
        bundle.to(),
        bundle.kind(),
        bundle.health(),
        total,
        heavy ? Math.max(width, 2.6) : width,
        bundle.oneWay(),
        bundle.cables(),
        bundle.pairs(),
        plan.way() == Way.CHANNEL ? Connector.Shape.ELBOW : Connector.Shape.CURVE,
        points,
        leads,
        null,
        bundle.links());
  }

  private static void arc(List<Point> points, Point start, Point end, double y) {
    points.add(new Point(start.x(), y));
    points.add(new Point(end.x(), y));
  }

  /// Returns where a line leaves the frame of the host of its end, null if it stays inside.
  private @Nullable Point leave(End end, End other, Point at) {
    String host = hostOrGroup(end.box());
    Box frame = boxes.get(host);
    if (frame == null || frame.role() != Box.Role.HOST || host.equals(hostOrGroup(other.box()))) {
      return null;
    }
    return new Point(at.x(), end.side() == Side.TOP ? frame.bounds().y() : frame.bounds().bottom());
  }
}
