package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the place of everything in a picture of a topology.
///
/// The levels of the topology give the places: boxes in boxes, in rows and tiers. Switches of the
/// network stand above the hosts, the core on top; in a host NUMA domains stand side by side, NICs
/// above, devices below, and under these what joins devices. No general algorithm for graphs is
/// needed, and the same topology always looks the same.
public final class TopologyLayout {
  /// Behind the id of a NUMA domain: the frame around it.
  static final String AREA = "#area";

  private TopologyLayout() {}

  /// Draws a topology.
  ///
  /// @param topology what to draw
  /// @param options what to leave out of a large one
  /// @throws IllegalArgumentException if the overlay names a node that the topology has not
  /// @return boxes that do not overlap but for frames, a connector for each link that is not inside
  ///   a box, and a legend
  public static Drawing layout(Topology topology, DrawingOptions options) {
    View view = new View(topology);
    Merging.apply(view);
    view.rememberMerged();
    Folding.apply(view, options);
    Cell all = new TierLayout(view).all();
    Legend legend = new Legend(view, options.overlay());
    double top = legend.head();
    all.moveTo(Sizes.MARGIN, top);
    List<Box> boxes = boxes(view, all);
    Bundles bundles = Bundles.of(view);
    List<Connector> lines = new Routing(boxes).route(bundles.bundles(), bundles.widths());
    Overlay overlay = options.overlay();
    if (overlay != null) {
      overlay.requireIn(topology);
    }
    PlanMarks marks = overlay == null ? PlanMarks.none() : PlanMarks.of(overlay, boxes, lines);
    List<Connector> connectors = LineLabels.add(lines, boxes, marks);
    double lowest = all.bottom();
    for (Connector connector : connectors) {
      for (Point point : connector.points()) {
        lowest = Math.max(lowest, point.y());
      }
    }
    double width = Math.max(all.right(), Sizes.MARGIN + legend.width()) + Sizes.MARGIN;
    for (Drawing.Way way : marks.ways()) {
      for (List<Point> arc : way.arcs()) {
        lowest = Math.max(lowest, arc.get(1).middle(arc.getLast()).y());
      }
    }
    double bottom = legend.foot(lowest + Sizes.MARGIN, width, connectors, bundles.widths());
    bottom = legend.plan(bottom, width, marks);
    List<Drawing.Way> ways = new ArrayList<>(marks.ways());
    ways.addAll(legend.keys());
    return new Drawing(
        topology.name(),
        legend.description(),
        width,
        bottom + Sizes.MARGIN / 2,
        boxes,
        connectors,
        bundles.inside(),
        legend.captions(),
        legend.samples(),
        ways,
        marks.crossing());
  }

  /// Returns the height of the channel above NUMA domains in which the links between them run.
  static double channelHeight(int domains) {
    return 10 + 8 * Math.min(6, Math.max(1, domains * (domains - 1) / 2));
  }

  private static List<Box> boxes(View view, Cell all) {
    Map<String, List<String>> nodes = new HashMap<>();
    Map<String, LinkHealth> health = new HashMap<>();
    Topology topology = view.topology();
    for (Node node : topology.nodes()) {
      nodes.computeIfAbsent(view.shown(node.id()), _ -> new ArrayList<>()).add(node.id());
    }
    for (Link link : topology.links()) {
      note(view, link.from(), link.to(), LinkHealth.of(link), health);
      note(view, link.to(), link.from(), LinkHealth.of(link), health);
    }
    Map<String, Box> boxes = new LinkedHashMap<>();
    all.children.forEach(cell -> collect(view, cell, null, nodes, health, boxes));
    return List.copyOf(boxes.values());
  }

  /// Notes at a node, and the host around it, how well a link is. What is slow between a host and a
  /// switch is not held against the switch.
  private static void note(
      View view, String end, String other, LinkHealth worth, Map<String, LinkHealth> health) {
    Topology topology = view.topology();
    boolean isSwitch = isSwitch(topology.node(end));
    if (isSwitch && !isSwitch(topology.node(other))) {
      return;
    }
    health.merge(view.shown(end), worth, LinkHealth::worse);
    Node host = topology.enclosing(end, NodeKind.HOST);
    if (host != null && !view.shown(host.id()).equals(view.shown(end))) {
      health.merge(view.shown(host.id()), worth, LinkHealth::worse);
    }
  }

  private static boolean isSwitch(Node node) {
    return node.kind() == NodeKind.SWITCH || node.kind() == NodeKind.NETWORK;
  }

  private static void collect(
      View view,
      Cell cell,
      @Nullable String parent,
      Map<String, List<String>> nodes,
      Map<String, LinkHealth> health,
      Map<String, Box> boxes) {
    boxes.put(
        cell.id,
        new Box(
            cell.id,
            cell.kind,
            cell.role,
            cell.title,
            cell.subtitle,
            new Rectangle(cell.x, cell.y, cell.width, cell.height),
            parent,
            view.alike(cell.id),
            health.getOrDefault(cell.id, LinkHealth.UNKNOWN),
            nodes.getOrDefault(cell.id, List.of())));
    cell.children.forEach(child -> collect(view, child, cell.id, nodes, health, boxes));
  }
}
