package dev.tutti.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// A link or a NIC that does less than it should: what somebody wants to know the consequences of.
///
/// Written `link=A-B:F`, `nic=N:F` or `nic=ID:F`. A and B are ranks, or ids of nodes in any number
/// of letters; all links between the two are meant, in both directions. N counts the NICs of a
/// topology from 0 in its order, and all links of that NIC are meant. F is the part of its capacity
/// that is left, from 0, which takes the links away, to 1.
///
/// @param spec what was written
/// @param what `link` or `nic`
/// @param where what is behind the equals sign and before the colon
/// @param factor the part that is left, 0 to 1
public record Degradation(String spec, String what, String where, double factor) {
  private static final String EXPECTED =
      "expected link=RANK-RANK:FACTOR, link=NODE-NODE:FACTOR, nic=NUMBER:FACTOR or nic=NODE:FACTOR"
          + " with a factor from 0 to 1, as in link=0-1:0 or nic=3:0.5";

  /// Reads one.
  ///
  /// @throws IllegalArgumentException if it is none; the message says what was expected
  public static Degradation parse(String spec) {
    int equals = spec.indexOf('=');
    int colon = spec.lastIndexOf(':');
    if (equals < 1 || colon < equals + 2) {
      throw wrong(spec);
    }
    String what = spec.substring(0, equals);
    double factor;
    try {
      factor = Double.parseDouble(spec.substring(colon + 1));
    } catch (NumberFormatException _) {
      throw wrong(spec);
    }
    if (!(factor >= 0 && factor <= 1) || !(what.equals("link") || what.equals("nic"))) {
      throw wrong(spec);
    }
    return new Degradation(spec, what, spec.substring(equals + 1, colon), factor);
  }

  private static IllegalArgumentException wrong(String spec) {
    return new IllegalArgumentException("'" + spec + "': " + EXPECTED);
  }

  /// Returns a topology with what is left of it: links with less capacity, nominal and measured,
  /// and without those that carry nothing any more.
  ///
  /// @throws IllegalArgumentException if the topology has no such rank, node or NIC, or no link
  ///   between the two
  public Topology applyTo(Topology topology) {
    Predicate<Link> meant = what.equals("nic") ? ofNic(topology) : between(topology);
    List<Link> links = new ArrayList<>();
    boolean found = false;
    for (Link link : topology.links()) {
      boolean hit = meant.test(link);
      found |= hit;
      if (!hit) {
        links.add(link);
      } else if (factor > 0 && link.bestKnownBytesPerSecond() == null) {
        throw new IllegalArgumentException(
            "'" + spec + "': nobody knows what " + link.from() + " -> " + link.to() + " carries");
      } else if (factor > 0) {
        links.add(link.scaled(factor));
      }
    }
    if (!found) {
      throw new IllegalArgumentException(
          "'" + spec + "': topology '" + topology.name() + "' has no such link");
    }
    return topology.toBuilder().links(links).build();
  }

  private Predicate<Link> ofNic(Topology topology) {
    List<Node> nics = topology.nodes(NodeKind.NIC);
    if (nics.isEmpty()) {
      throw new IllegalArgumentException(
          "'" + spec + "': topology '" + topology.name() + "' has no NICs");
    }
    String id = where;
    if (where.matches("\\d{1,9}")) {
      int number = Integer.parseInt(where);
      if (number >= nics.size()) {
        throw new IllegalArgumentException(
            "'" + spec + "': the topology has NICs 0 to " + (nics.size() - 1));
      }
      id = nics.get(number).id();
    } else if (nics.stream().noneMatch(nic -> nic.id().equals(where))) {
      throw new IllegalArgumentException(
          "'" + spec + "': no NIC '" + where + "'; there are " + nics.getFirst().id() + " ...");
    }
    String nic = id;
    return link -> link.from().equals(nic) || link.to().equals(nic);
  }

  /// Ids may have hyphens themselves, so every one is tried as the separator.
  private Predicate<Link> between(Topology topology) {
    for (int dash = where.indexOf('-'); dash >= 0; dash = where.indexOf('-', dash + 1)) {
      String a = node(topology, where.substring(0, dash));
      String b = node(topology, where.substring(dash + 1));
      if (!a.isEmpty() && !b.isEmpty()) {
        return link ->
            (link.from().equals(a) && link.to().equals(b))
                || (link.from().equals(b) && link.to().equals(a));
      }
    }
    throw new IllegalArgumentException(
        "'"
            + spec
            + "': expected two of the ranks 0 to "
            + (topology.ranks().size() - 1)
            + " or two nodes of the topology with a hyphen between them");
  }

  /// Returns the id of what is named, empty if it is nothing.
  private static String node(Topology topology, String name) {
    if (name.matches("\\d{1,9}")) {
      return topology.ranks().getOrDefault(Integer.parseInt(name), "");
    }
    return topology.hasNode(name) ? name : "";
  }
}
