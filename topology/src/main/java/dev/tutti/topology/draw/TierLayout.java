package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

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
    List<List<Cell>> upper = tiers(above, row);
    List<List<Cell>> lower = tiers(below, row);
    double width = Math.max(rows.width(), Math.max(minimumOfAll(upper), minimumOfAll(lower)));
    double most = Math.max(minimumOfAll(upper), minimumOfAll(lower));
    double fitting = most > 0 ? Math.max(1, width / most) : 1;
    double scale =
        Math.clamp(
            width / 2600,
            1,
            Math.min(5, fitting)); // who sees all hosts can still read the switches
    grow(upper, scale);
    grow(lower, scale);
    double y = head;
    double gap = Math.clamp(width * 0.09, TIER_GAP, 4 * TIER_GAP); // steep lines are read best
    for (List<Cell> tier : upper.reversed()) {
      tier.stream()
          .filter(cell -> cell.kind == NodeKind.NETWORK)
          .forEach(cell -> bar(cell, width / tier.size()));
      spread(tier, pad, width, y);
      y += Sizes.SWITCH_HEIGHT * scale + gap;
    }
    y = rows.place(pad + (width - rows.width()) / 2, row.isEmpty() ? y - gap : y);
    for (List<Cell> tier : lower) {
      tier.forEach(cell -> bar(cell, width / tier.size()));
      spread(tier, pad, width, y + gap * 0.8);
      y += gap * 0.8 + Sizes.SWITCH_HEIGHT * scale;
    }
    order(upper, row, pad, width);
    upper.reversed().forEach(frame.children::addAll);
    row.forEach(cell -> (cell.id.isEmpty() ? cell.children : List.of(cell)).forEach(frame::add));
    lower.forEach(frame.children::addAll);
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

  /// Returns the switches by their distance to what they serve, the nearest first.
  private List<List<Cell>> tiers(List<Node> switches, List<Cell> served) {
    Set<String> inside = new HashSet<>();
    served.forEach(cell -> collect(cell, inside));
    Map<String, Integer> distance = new HashMap<>();
    Set<String> own = new HashSet<>();
    switches.forEach(node -> own.add(node.id()));
    List<Node> rest = new ArrayList<>(switches);
    for (int tier = 1; !rest.isEmpty(); tier++) {
      int now = tier;
      List<Node> reached =
          rest.stream()
              .filter(node -> isBeside(node, inside) || (inside.isEmpty() && now > 1))
              .toList();
      List<Node> next = reached.isEmpty() && tier > 1 ? List.copyOf(rest) : reached;
      next.forEach(node -> distance.put(node.id(), now));
      next.forEach(node -> inside.add(node.id()));
      rest.removeAll(next);
    }
    Map<Integer, List<Cell>> tiers = new TreeMap<>();
    for (Node node : switches) {
      tiers
          .computeIfAbsent(distance.getOrDefault(node.id(), 1), _ -> new ArrayList<>())
          .add(cell(node));
    }
    return new ArrayList<>(tiers.values());
  }

  private static void collect(Cell cell, Set<String> ids) {
    ids.add(cell.id);
    cell.children.forEach(child -> collect(child, ids));
  }

  private boolean isBeside(Node node, Set<String> ids) {
    return topology.linksFrom(node.id()).stream()
            .anyMatch(link -> ids.contains(view.shown(link.to())))
        || topology.linksTo(node.id()).stream()
            .anyMatch(link -> ids.contains(view.shown(link.from())));
  }

  private Cell cell(Node node) {
    String title = view.title(node);
    Set<String> peers = new HashSet<>();
    topology.linksFrom(node.id()).forEach(link -> peers.add(view.shown(link.to())));
    topology.linksTo(node.id()).forEach(link -> peers.add(view.shown(link.from())));
    double text = Sizes.textWidth(title, 12) + 24;
    double width = Math.clamp(Math.max(text, peers.size() * 5.0 + 24), Sizes.SWITCH_WIDTH, 260);
    return new Cell(node.id(), node.kind(), Box.Role.ITEM, title, labels.subtitle(node))
        .size(width, Sizes.SWITCH_HEIGHT);
  }

  private static double minimumOfAll(List<List<Cell>> tiers) {
    return tiers.stream().mapToDouble(TierLayout::minimum).max().orElse(0);
  }

  /// Makes switches larger, for a picture that is wide.
  private static void grow(List<List<Cell>> tiers, double scale) {
    for (List<Cell> tier : tiers) {
      tier.forEach(cell -> cell.size(cell.width * scale, cell.height * scale));
    }
  }

  /// Makes a box as wide as the room that it may fill, so that lines to it run straight.
  private static void bar(Cell cell, double room) {
    cell.width = Math.max(cell.width, room - 24);
  }

  private static double minimum(List<Cell> tier) {
    return tier.stream().mapToDouble(cell -> cell.width + 20).sum() - 20;
  }

  /// Spreads a tier evenly over a width.
  private static void spread(List<Cell> tier, double x, double width, double y) {
    double free = (width - minimum(tier) - 20 + 20 * tier.size()) / tier.size();
    double at = x + free / 2;
    for (Cell cell : tier) {
      cell.moveTo(at, y);
      at += cell.width + free;
    }
  }

  /// Orders each tier by where the things under it are on average, from below.
  private void order(List<List<Cell>> tiers, List<Cell> served, double x, double width) {
    Map<String, Double> middles = new HashMap<>();
    served.forEach(cell -> middles(cell, middles));
    for (List<Cell> tier : tiers) {
      Map<Cell, Double> wish = new LinkedHashMap<>();
      for (Cell cell : tier) {
        wish.put(cell, wish(cell, middles));
      }
      tier.sort(Comparator.comparingDouble(cell -> Math.rint(wish.getOrDefault(cell, 0.0))));
      spread(tier, x, width, tier.getFirst().y);
      tier.forEach(cell -> middles.put(cell.id, cell.centerX()));
    }
  }

  private static void middles(Cell cell, Map<String, Double> middles) {
    middles.put(cell.id, cell.centerX());
    cell.children.forEach(child -> middles(child, middles));
  }

  private double wish(Cell cell, Map<String, Double> middles) {
    double sum = 0;
    int count = 0;
    for (Link link : topology.linksFrom(cell.id)) {
      Double middle = middles.get(view.shown(link.to()));
      if (middle != null) {
        sum += middle;
        count++;
      }
    }
    return count == 0 ? cell.centerX() : sum / count;
  }
}
