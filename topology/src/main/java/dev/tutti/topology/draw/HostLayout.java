package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Places what is inside of a host: its NUMA domains side by side, under them room for the links
/// between devices, and its switches as a bar across the bottom.
final class HostLayout {
  private static final double AREA_GAP = 16;
  private static final double SWITCH_GAP = 64;

  private final View view;
  private final Topology topology;
  private final Labels labels;

  HostLayout(View view, Labels labels) {
    this.view = view;
    this.topology = view.topology();
    this.labels = labels;
  }

  /// Returns a host as a frame with its inside, or as a box if it has none or is closed.
  Cell layout(Node host) {
    List<Node> members = members(host.id());
    String title = view.title(host);
    if (members.isEmpty() || view.isClosed(host.id())) {
      String subtitle = labels.subtitle(host);
      double text = Math.max(Sizes.textWidth(title, 13), Sizes.textWidth(subtitle, 10));
      double width = Math.clamp(text + 14, 72, 240);
      return new Cell(host.id(), host.kind(), Box.Role.ITEM, title, subtitle)
          .size(width, Sizes.HOST_HEIGHT);
    }
    Cell frame = new Cell(host.id(), host.kind(), Box.Role.HOST, title, labels.content(host.id()));
    inside(frame, members);
    return frame;
  }

  private List<Node> members(String host) {
    List<Node> members = new ArrayList<>();
    for (String id : view.subtree(host)) {
      if (!id.equals(host) && view.isDrawn(id)) {
        members.add(topology.node(id));
      }
    }
    return members;
  }

  /// Fills a frame that is at the origin with nodes.
  void inside(Cell frame, List<Node> members) {
    List<Node> switches = new ArrayList<>();
    List<AreaLayout> areas = areas(members, switches);
    double upper = areas.stream().mapToDouble(AreaLayout::upper).max().orElse(0);
    double height = areas.stream().mapToDouble(area -> area.height(upper)).max().orElse(0);
    double top = Sizes.TITLE + channel(members) + (isFramed(areas) ? Sizes.PAD : 0);
    double x = Sizes.PAD;
    List<Cell> devices = new ArrayList<>();
    for (AreaLayout area : areas) {
      double pad = area.core() == null ? 0 : Sizes.PAD;
      List<Cell> cells = area.place(x + pad, top, top + height, upper);
      Cell core = area.core() == null ? null : areaFrame(area, x, top, height);
      (core == null ? frame : core).children.addAll(cells);
      if (core != null) {
        frame.add(core);
      }
      cells.stream().filter(cell -> cell.kind == NodeKind.DEVICE).forEach(devices::add);
      x += area.width() + 2 * pad + AREA_GAP;
    }
    double bottom = top + height + (isFramed(areas) ? Sizes.PAD : 0) + mesh(devices);
    double width = Math.max(x - AREA_GAP + Sizes.PAD, titleWidth(frame));
    if (!switches.isEmpty()) {
      width = Math.max(width, bar(frame, switches, bottom + SWITCH_GAP, width));
      bottom += SWITCH_GAP + Sizes.SWITCH_HEIGHT;
    }
    frame.size(width, bottom + Sizes.PAD);
  }

  private static double titleWidth(Cell frame) {
    double text = Sizes.textWidth(frame.title, 14) + Sizes.textWidth(frame.subtitle, 11);
    return Math.clamp(text + 40, 150, 420);
  }

  private static boolean isFramed(List<AreaLayout> areas) {
    return areas.stream().anyMatch(area -> area.core() != null);
  }

  private static Cell areaFrame(AreaLayout area, double x, double top, double height) {
    Node core = area.core();
    String id = core == null ? "" : core.id();
    Cell frame = new Cell(id + TopologyLayout.AREA, NodeKind.NUMA, Box.Role.AREA, "", "");
    frame.size(area.width() + 2 * Sizes.PAD, height + 2 * Sizes.PAD);
    frame.moveTo(x, top - Sizes.PAD);
    return frame;
  }

  private List<AreaLayout> areas(List<Node> members, List<Node> switches) {
    Map<String, List<Node>> near = new LinkedHashMap<>();
    members.stream()
        .filter(Merging::isDomain)
        .forEach(domain -> near.put(domain.id(), new ArrayList<>()));
    Map<String, String> byLink = byLink(near);
    List<Node> loose = new ArrayList<>();
    for (Node node : members) {
      if (node.kind() == NodeKind.SWITCH || node.kind() == NodeKind.NETWORK) {
        switches.add(node);
      } else if (!near.containsKey(node.id())) {
        String area = area(node, near, byLink);
        (area == null ? loose : near.getOrDefault(area, loose)).add(node);
      }
    }
    List<AreaLayout> areas = new ArrayList<>();
    near.forEach((id, nodes) -> areas.add(new AreaLayout(view, labels, topology.node(id), nodes)));
    if (!loose.isEmpty()) {
      areas.add(new AreaLayout(view, labels, null, loose));
    }
    return areas;
  }

  /// Returns the domain that a node is inside of, or else the one that is nearest over PCI Express.
  private @Nullable String area(
      Node node, Map<String, List<Node>> near, Map<String, String> byLink) {
    for (Node outer = node; outer.parent() != null; ) {
      String shown = view.shown(outer.parent());
      if (near.containsKey(shown)) {
        return shown;
      }
      outer = topology.node(outer.parent());
    }
    return byLink.get(node.id());
  }

  /// Walks from all domains over links inside the host, but not through devices.
  private Map<String, String> byLink(Map<String, List<Node>> near) {
    Map<String, String> owner = new HashMap<>();
    near.keySet().forEach(id -> owner.put(id, id));
    Deque<String> open = new ArrayDeque<>(near.keySet());
    while (!open.isEmpty()) {
      String id = open.remove();
      for (String member : view.shownAs(id)) {
        for (Link link : topology.linksFrom(member)) {
          String to = view.shown(link.to());
          NodeKind kind = topology.node(to).kind();
          if (!link.kind().isNetwork() && kind != NodeKind.SWITCH && !owner.containsKey(to)) {
            owner.put(to, owner.getOrDefault(id, id));
            if (kind == NodeKind.PCI_BRIDGE) {
              open.add(to);
            }
          }
        }
      }
    }
    return owner;
  }

  /// Returns the height of the room for links between domains, which run above them.
  private double channel(List<Node> members) {
    List<String> domains =
        members.stream().filter(Merging::isDomain).map(Node::id).distinct().toList();
    boolean joined =
        domains.stream()
            .flatMap(id -> topology.linksFrom(id).stream())
            .anyMatch(link -> domains.contains(view.shown(link.to())));
    return joined ? TopologyLayout.channelHeight(domains.size()) : 0;
  }

  /// Returns the height of the room for links between devices.
  private double mesh(List<Cell> devices) {
    Map<String, Integer> index = new HashMap<>();
    devices.forEach(device -> index.put(device.id, index.size()));
    int farthest = 0;
    for (Cell device : devices) {
      for (String member : view.shownAs(device.id)) {
        for (Link link : topology.linksFrom(member)) {
          Integer other = index.get(view.shown(link.to()));
          if (other != null) {
            farthest = Math.max(farthest, Math.abs(other - index.getOrDefault(device.id, 0)));
          }
        }
      }
    }
    return farthest == 0 ? 0 : Sizes.ARC + Sizes.ARC_STEP * (farthest - 1);
  }

  private double bar(Cell frame, List<Node> switches, double y, double width) {
    double room = width - 2 * Sizes.PAD + AREA_GAP;
    double each = Math.max(room / switches.size() - AREA_GAP, Sizes.SWITCH_WIDTH * 0.8);
    double total = switches.size() * (each + AREA_GAP) - AREA_GAP;
    double step = Math.max(each + AREA_GAP, room / switches.size());
    double x = Sizes.PAD + Math.max(0, (step - AREA_GAP - each) / 2);
    for (Node node : switches) {
      Cell cell =
          new Cell(node.id(), node.kind(), Box.Role.ITEM, view.title(node), labels.subtitle(node));
      cell.size(each, Sizes.SWITCH_HEIGHT).moveTo(x, y);
      frame.add(cell);
      x += step;
    }
    return total + 2 * Sizes.PAD;
  }
}
