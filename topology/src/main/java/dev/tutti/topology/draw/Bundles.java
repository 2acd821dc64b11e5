package dev.tutti.topology.draw;

import dev.tutti.topology.Cable;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which links become one line: those between the same two boxes that are alike.
///
/// @param bundles one for each line
/// @param inside links that lie inside a box
record Bundles(List<Bundle> bundles, List<Link> inside) {
  /// The links of one line.
  ///
  /// @param from the box where it begins
  /// @param to the box where it ends
  /// @param kind what the links are made of
  /// @param health how well they are
  /// @param each nominal capacity of one link
  /// @param total nominal capacity of one direction at one node at the end of which there are more
  /// @param oneWay whether there is one direction only
  /// @param cables how many there are between two nodes
  /// @param pairs how many pairs of nodes there are
  /// @param links all
  record Bundle(
      String from,
      String to,
      LinkKind kind,
      LinkHealth health,
      @Nullable Double each,
      @Nullable Double total,
      boolean oneWay,
      int cables,
      int pairs,
      List<Link> links) {}

  /// Returns how thick lines are, for those of this drawing and for single links.
  Widths widths() {
    List<Double> capacities = new ArrayList<>();
    for (Bundle bundle : bundles) {
      if (bundle.total() != null && bundle.each() != null) {
        capacities.add(bundle.total());
        capacities.add(bundle.each());
      }
    }
    return Widths.of(capacities);
  }

  private record Look(
      String from,
      String to,
      LinkKind kind,
      LinkHealth health,
      @Nullable Double capacity,
      boolean oneWay) {}

  static Bundles of(View view) {
    Map<Look, List<Cable>> looks = new LinkedHashMap<>();
    List<Link> inside = new ArrayList<>();
    for (Cable cable : Cable.of(view.topology().links())) {
      String from = view.shown(cable.forward().from());
      String to = view.shown(cable.forward().to());
      if (from.equals(to)) {
        inside.addAll(cable.links());
      } else if (cable.isAlikeBothWays()) {
        boolean ordered = from.compareTo(to) <= 0;
        add(looks, cable, ordered ? from : to, ordered ? to : from, false);
      } else {
        for (Link link : cable.links()) {
          boolean along = link.from().equals(cable.forward().from());
          add(looks, new Cable(link, null), along ? from : to, along ? to : from, true);
        }
      }
    }
    List<Bundle> bundles = new ArrayList<>();
    looks.forEach((look, cables) -> bundles.add(bundle(view.topology(), look, cables)));
    return new Bundles(bundles, inside);
  }

  private static void add(
      Map<Look, List<Cable>> looks, Cable cable, String from, String to, boolean oneWay) {
    Link link = cable.forward();
    Look look =
        new Look(from, to, link.kind(), cable.health(), link.expectedBytesPerSecond(), oneWay);
    looks.computeIfAbsent(look, _ -> new ArrayList<>()).add(cable);
  }

  private static Bundle bundle(Topology topology, Look look, List<Cable> cables) {
    Set<Set<String>> pairs = new HashSet<>();
    Set<String> ends = new HashSet<>();
    List<Link> links = new ArrayList<>();
    for (Cable cable : cables) {
      Link link = cable.forward();
      pairs.add(Set.of(link.from(), link.to()));
      ends.add(isSwitch(topology, link.from()) ? link.to() : link.from());
      links.addAll(cable.links());
    }
    boolean isBetweenSwitches =
        isSwitch(topology, cables.getFirst().forward().from())
            && isSwitch(topology, cables.getFirst().forward().to());
    int share = isBetweenSwitches ? pairs.size() : ends.size();
    Double capacity = look.capacity();
    return new Bundle(
        look.from(),
        look.to(),
        look.kind(),
        look.health(),
        capacity,
        capacity == null ? null : Double.valueOf(capacity * cables.size() / share),
        look.oneWay(),
        cables.size() / pairs.size(),
        pairs.size(),
        links);
  }

  private static boolean isSwitch(Topology topology, String id) {
    return topology.node(id).kind() == NodeKind.SWITCH
        || topology.node(id).kind() == NodeKind.NETWORK;
  }
}
