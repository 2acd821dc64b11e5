package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Places hosts in rows, the switches of their network in tiers above them, those next to the hosts
/// lowest, and switches between devices of several hosts in tiers below.
final class TierLayout {
  private static final double HOST_GAP = 28;
  private static final double PLAIN_GAP = 14;
  private static final double ROW_WIDTH = 1700;
  private static final double TIER_GAP = 84;

  private final View view;
  private final Topology topology;
  private final Labels labels;
  private final HostLayout hosts;

  TierLayout(View view) {
    this.view = view;
    this.topology = view.topology();
    this.labels = new Labels(view);
    this.hosts = new HostLayout(view, labels);
  }

  /// Returns the outermost nodes in a frame of their own that is not drawn.
  Cell all() {
    Cell frame = new Cell("", NodeKind.GROUP, Box.Role.GROUP, "", "");
    fill(frame, view.roots(), 0, 0);
    return frame;
  }

  private Cell group(Node group) {
    List<Node> children = view.children(group.id());
    if (children.isEmpty() || view.isClosed(group.id())) {
      return hosts.layout(group);
    }
    Cell frame =
        new Cell(
            group.id(),
            group.kind(),
            Box.Role.GROUP,
            view.title(group),
            labels.content(group.id()));
    fill(frame, children, Sizes.TITLE + 6, 16);
    return frame;
  }

  private void fill(Cell frame, List<Node> nodes, double head, double pad) {
    List<Node> above = new ArrayList<>();
    List<Node> below = new ArrayList<>();
    List<Node> loose = new ArrayList<>();
    List<Cell> row = new ArrayList<>();
    for (Node node : nodes) {
      switch (node.kind()) {
        case GROUP -> row.add(group(node));
        case HOST -> row.add(hosts.layout(node));
        case SWITCH, NETWORK -> (joinsDevices(node) ? below : above).add(node);
        default -> loose.add(node);
      }
    }
    if (!loose.isEmpty()) { // parts of a computer of which only these are known
      Cell host = new Cell("", NodeKind.HOST, Box.Role.HOST, "", "");
      hosts.inside(host, withInside(loose));
      row.add(host);
    }
    boolean plain = row.stream().allMatch(cell -> cell.role == Box.Role.ITEM);
    Rows rows = Rows.of(row, plain ? PLAIN_GAP : HOST_GAP, ROW_WIDTH);
    double limit = Math.max(rows.width(), ROW_WIDTH);
    Tiers upper = new Tiers(view, labels, above, row, limit);
    Tiers lower = new Tiers(view, labels, below, row, limit);
    double minimum = Math.max(upper.minimum(), lower.minimum());
    double width = Math.max(rows.width(), minimum);
    // Who sees all hosts can still read the switches.
    double most = minimum > 0 ? Math.max(1, width / minimum) : 1;
    double scale = Math.clamp(width / 2600, 1, Math.min(5, most));
    upper.grow(scale);
    lower.grow(scale);
    double gap = Math.clamp(width * 0.09, TIER_GAP, 4 * TIER_GAP); // steep lines are read best
    double y = upper.placeAbove(pad, width, head, gap);
    y = rows.place(pad + (width - rows.width()) / 2, row.isEmpty() ? y - gap : y);
    y = lower.placeBelow(pad, width, y, gap * 0.8);
    upper.order(row, pad, width);
    frame.children.addAll(upper.cells());
    row.forEach(cell -> (cell.id.isEmpty() ? cell.children : List.of(cell)).forEach(frame::add));
    frame.children.addAll(lower.cells());
    double title = Sizes.textWidth(frame.title, 14) + Sizes.textWidth(frame.subtitle, 11) + 30;
    frame.size(Math.max(width, Math.min(title, 500)) + 2 * pad, y + pad);
  }

  private List<Node> withInside(List<Node> nodes) {
    List<Node> all = new ArrayList<>();
    for (Node node : nodes) {
      view.subtree(node.id()).stream()
          .filter(view::isDrawn)
          .forEach(id -> all.add(topology.node(id)));
    }
    return all;
  }

  /// Tells whether a switch stands between devices and is not of the network.
  private boolean joinsDevices(Node node) {
    List<Link> links = topology.linksFrom(node.id());
    List<Link> all = links.isEmpty() ? topology.linksTo(node.id()) : links;
    long network = all.stream().filter(link -> isNetwork(link)).count();
    return node.kind() == NodeKind.SWITCH && !all.isEmpty() && network * 2 < all.size();
  }

  private static boolean isNetwork(Link link) {
    return switch (link.kind()) {
      case INFINIBAND, ROCE, ETHERNET, UNKNOWN, LOOPBACK -> true;
      default -> false;
    };
  }
}
