package dev.tutti.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Looks for what is odd about a topology, whatever it was read from.
public final class TopologyCheck {
  /// Links measured below this part of their nominal capacity are reported.
  public static final double HEALTHY = 0.8;

  private static final double EQUAL = 0.01;
  private static final int NCCL_ELEMENTS = 256;
  private static final int SHOWN = 8;

  private final Topology topology;
  private final List<Finding> findings = new ArrayList<>();

  private record Ends(String from, String to) {
    Ends reversed() {
      return new Ends(to, from);
    }
  }

  private TopologyCheck(Topology topology) {
    this.topology = topology;
  }

  /// Checks a topology: links without a reverse, directions of one cable that contradict each
  /// other, capacity 0, PCI Express without a width, addresses that two things of a host share,
  /// devices and NICs without a link, ranks that cannot reach each other, missing ranks, several
  /// ranks on one device, hosts with more than NCCL reads, links measured below 80 % of nominal.
  /// Takes time in proportion to the size.
  ///
  /// @return what was found, warnings and notes mixed, by subject
  public static List<Finding> check(Topology topology) {
    TopologyCheck check = new TopologyCheck(topology);
    check.directions();
    check.capacities();
    check.addresses();
    check.lonely();
    check.ranks();
    check.reach();
    check.nccl();
    return List.copyOf(check.findings);
  }

  private static String place(Link link) {
    return link.from() + " -> " + link.to();
  }

  private void warn(String place, String message) {
    findings.add(Finding.warning(place, message));
  }

  private void directions() {
    Map<Ends, List<Link>> byEnds = new LinkedHashMap<>();
    for (Link link : topology.links()) {
      byEnds.computeIfAbsent(new Ends(link.from(), link.to()), _ -> new ArrayList<>()).add(link);
    }
    Set<Ends> compared = new HashSet<>();
    byEnds.forEach((ends, links) -> {
      List<Link> back = byEnds.get(ends.reversed());
      String place = place(links.getFirst());
      if (back == null) {
        warn(place, links.getFirst().kind().display() + " is one-sided: there is no link back");
      } else if (compared.add(ends) && !compared.contains(ends.reversed())) {
        Double there = sum(links);
        Double reverse = sum(back);
        if (Math.abs(there - reverse) > EQUAL * Math.max(there, reverse)) {
          warn(place, "carries " + gigabytes(there) + ", but back " + gigabytes(reverse));
        }
      }
    });
  }

  /// Returns the capacity of links together, NaN if one is unknown.
  private static double sum(List<Link> links) {
    double sum = 0;
    for (Link link : links) {
      Double capacity = link.capacityBytesPerSecond();
      sum += capacity == null ? Double.NaN : capacity;
    }
    return sum;
  }

  private static String gigabytes(double bytesPerSecond) {
    return String.format(Locale.ROOT, "%.3g GB/s", bytesPerSecond / 1e9);
  }

  private void capacities() {
    List<Link> narrow = new ArrayList<>();
    for (Link link : topology.links()) {
      Double capacity = link.capacityBytesPerSecond();
      if (capacity != null && capacity == 0) {
        warn(place(link), "its nominal capacity is 0");
      }
      if (link.kind() == LinkKind.PCIE && link.lanes() == 0) {
        narrow.add(link);
      }
      slow(link);
    }
    if (!narrow.isEmpty()) {
      findings.add(
          Finding.note(
              place(narrow.getFirst()),
              "width of PCI Express is not known, of " + narrow.size() + " links in all"));
    }
  }

  /// Returns the links that were measured below [#HEALTHY] of what they should carry.
  public static List<Finding> slow(Topology topology) {
    TopologyCheck check = new TopologyCheck(topology);
    topology.links().forEach(check::slow);
    return List.copyOf(check.findings);
  }

  private void slow(Link link) {
    Double health = link.health();
    Measurement measured = link.measured();
    Double capacity = link.capacityBytesPerSecond();
    if (health != null && measured != null && capacity != null && health < HEALTHY) {
      warn(
          place(link),
          String.format(
              Locale.ROOT,
              "measured %s, %.0f %% of its nominal %s",
              gigabytes(measured.bytesPerSecond()),
              health * 100,
              gigabytes(capacity)));
    }
  }

  private void addresses() {
    Map<String, String> known = new HashMap<>();
    for (Node node : topology.nodes()) {
      String busId = node.attribute(Attributes.BUS_ID);
      if (busId == null || busId.isBlank()) {
        continue;
      }
      Node host = topology.enclosing(node.id(), NodeKind.HOST);
      String key = (host == null ? "" : host.id()) + "\n" + busId.toLowerCase(Locale.ROOT);
      String other = known.putIfAbsent(key, node.id());
      if (other != null) {
        warn(node.id(), "has the PCI address " + busId + " of '" + other + "'");
      }
    }
  }

  private void lonely() {
    for (Node node : topology.nodes()) {
      boolean joins = node.kind() == NodeKind.DEVICE || node.kind() == NodeKind.NIC;
      if (joins
          && topology.linksFrom(node.id()).isEmpty()
          && topology.linksTo(node.id()).isEmpty()) {
        warn(node.id(), "no link joins this " + node.kind().label() + " to anything");
      }
    }
  }

  private void ranks() {
    if (topology.ranks().isEmpty()) {
      return;
    }
    List<Integer> missing = new ArrayList<>();
    int expected = 0;
    for (int rank : topology.ranks().keySet()) {
      for (; expected < rank && missing.size() <= SHOWN; expected++) {
        missing.add(expected);
      }
      expected = rank + 1;
    }
    if (!missing.isEmpty()) {
      warn("ranks", "up to " + topology.ranks().lastKey() + ", but missing are " + some(missing));
    }
    for (Node device : topology.nodes(NodeKind.DEVICE)) {
      List<Integer> on = topology.ranksOn(device.id());
      if (on.size() > 1) {
        findings.add(Finding.note(device.id(), "has several ranks: " + some(on)));
      }
    }
  }

  private static String some(List<Integer> ranks) {
    return ranks.size() <= SHOWN ? ranks.toString() : ranks.subList(0, SHOWN) + " and more";
  }

  /// Every rank must reach the first and be reached by it; then all reach each other.
  private void reach() {
    if (topology.ranks().isEmpty()) {
      return;
    }
    int first = topology.ranks().firstKey();
    String start = topology.ranks().firstEntry().getValue();
    Set<String> forth = reached(start, node -> ends(topology.linksFrom(node), Link::to));
    Set<String> back = reached(start, node -> ends(topology.linksTo(node), Link::from));
    List<Integer> cutOff = new ArrayList<>();
    topology
        .ranks()
        .forEach((rank, node) -> {
          if (!forth.contains(node) || !back.contains(node)) {
            cutOff.add(rank);
          }
        });
    if (!cutOff.isEmpty()) {
      warn(
          "ranks",
          "no path over known links joins rank "
              + first
              + " with "
              + some(cutOff)
              + ", "
              + cutOff.size()
              + " ranks in all");
    }
  }

  private static List<String> ends(List<Link> links, Function<Link, String> end) {
    return links.stream().map(end).toList();
  }

  private static Set<String> reached(String start, Function<String, List<String>> next) {
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    seen.add(start);
    open.add(start);
    while (!open.isEmpty()) {
      for (String node : next.apply(open.remove())) {
        if (seen.add(node)) {
          open.add(node);
        }
      }
    }
    return seen;
  }

  /// Counts the elements that a host takes in NCCL's topology file.
  private void nccl() {
    Map<String, Integer> elements = new LinkedHashMap<>();
    for (Node node : topology.nodes()) {
      Node host = topology.enclosing(node.id(), NodeKind.HOST);
      int count =
          switch (node.kind()) {
            case NUMA, PCI_BRIDGE -> 1;
            case DEVICE -> 2 + deviceLinks(node);
            case NIC -> 3;
            default -> 0;
          };
      if (host != null) {
        elements.merge(host.id(), count, Integer::sum);
      }
    }
    elements.forEach((host, count) -> {
      if (count >= NCCL_ELEMENTS) {
        findings.add(
            Finding.note(
                host,
                "takes about "
                    + (count + 1)
                    + " elements in NCCL's topology file, which reads at"
                    + " most "
                    + NCCL_ELEMENTS));
      }
    });
  }

  private int deviceLinks(Node device) {
    return (int)
        topology.linksFrom(device.id()).stream()
            .filter(link ->
                link.kind() == LinkKind.NVLINK
                    || link.kind() == LinkKind.XGMI
                    || link.kind() == LinkKind.NVSWITCH)
            .count();
  }
}
