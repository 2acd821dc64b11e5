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

/// Switches by their distance to what they serve.
final class Tiers {
  private static final double GAP = 20;

  private final View view;
  private final Topology topology;
  private final Labels labels;
  private final double limit;

  /// The nearest first.
  private final List<List<Cell>> tiers;

  /// @param switches that are to be placed
  /// @param served hosts and groups that they serve
  /// @param limit a tier that is wider goes into several rows
  Tiers(View view, Labels labels, List<Node> switches, List<Cell> served, double limit) {
    this.view = view;
    this.topology = view.topology();
    this.labels = labels;
    this.limit = limit;
    this.tiers = tiers(switches, served);
  }

  /// Returns all switches, the farthest first.
  List<Cell> cells() {
    return tiers.reversed().stream().flatMap(List::stream).toList();
  }

  /// Returns how wide the widest tier is at least.
  double minimum() {
    return tiers.stream().mapToDouble(tier -> Math.min(limit, minimum(tier))).max().orElse(0);
  }

  private static double minimum(List<Cell> tier) {
    return tier.stream().mapToDouble(cell -> cell.width + GAP).sum() - GAP;
  }

  /// Makes switches larger, for a picture that is wide.
  void grow(double scale) {
    for (List<Cell> tier : tiers) {
      tier.forEach(cell -> cell.size(cell.width * scale, cell.height * scale));
    }
  }

  /// Places the tiers above what they serve and returns where that begins.
  double placeAbove(double x, double width, double top, double gap) {
    double y = top;
    for (List<Cell> tier : tiers.reversed()) {
      tier.stream()
          .filter(cell -> cell.kind == NodeKind.NETWORK)
          .forEach(cell -> bar(cell, width / tier.size()));
      y = place(tier, x, width, y) + gap;
    }
    return y;
  }

  /// Places the tiers below what they serve and returns where they end.
  double placeBelow(double x, double width, double top, double gap) {
    double y = top;
    for (List<Cell> tier : tiers) {
      tier.forEach(cell -> bar(cell, width / tier.size()));
      y = place(tier, x, width, y + gap);
    }
    return y;
  }

  /// Makes a box as wide as the room that it may fill, so that lines to it run straight.
  private static void bar(Cell cell, double room) {
    cell.width = Math.max(cell.width, room - 24);
  }

  /// Spreads a tier evenly over a width, or puts it into rows if it is wider.
  private static double place(List<Cell> tier, double x, double width, double y) {
    if (minimum(tier) > width) {
      return rows(tier, x, width, y);
    }
    double free = (width - minimum(tier) - GAP + GAP * tier.size()) / tier.size();
    double at = x + free / 2;
    double bottom = y;
    for (Cell cell : tier) {
      cell.moveTo(at, y);
      at += cell.width + free;
      bottom = Math.max(bottom, cell.bottom());
    }
    return bottom;
  }

  private static double rows(List<Cell> tier, double x, double width, double y) {
    double widest = tier.stream().mapToDouble(cell -> cell.width).max().orElse(0);
    int each = Math.max(1, (int) ((width + GAP) / (widest + GAP)));
    double bottom = y;
    for (int i = 0; i < tier.size(); i += each) {
      double top = i == 0 ? y : bottom + GAP;
      List<Cell> row = tier.subList(i, Math.min(tier.size(), i + each));
      bottom = place(row, x, width, top);
    }
    return bottom;
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
    String times = view.alike(node.id()) > 1 ? " × " + view.alike(node.id()) : "";
    double text = Sizes.textWidth(title + times, 12) + 24;
    double width = Math.clamp(Math.max(text, peers.size() * 5.0 + 24), Sizes.SWITCH_WIDTH, 260);
    return new Cell(node.id(), node.kind(), Box.Role.ITEM, title, labels.subtitle(node))
        .size(width, Sizes.SWITCH_HEIGHT);
  }

  /// Orders each tier by where the things under it are on average, from below.
  void order(List<Cell> served, double x, double width) {
    Map<String, Double> middles = new HashMap<>();
    served.forEach(cell -> middles(cell, middles));
    for (List<Cell> tier : tiers) {
      Map<Cell, Double> wish = new LinkedHashMap<>();
      for (Cell cell : tier) {
        wish.put(cell, wish(cell, middles));
      }
      double top = tier.stream().mapToDouble(cell -> cell.y).min().orElse(0);
      tier.sort(Comparator.comparingDouble(cell -> Math.rint(wish.getOrDefault(cell, 0.0))));
      place(tier, x, width, top);
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
