package dev.tutti.topology.discover;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Puts together what several ranks see to one topology.
///
/// Views of the same host (equal attribute `hostId`) become one host, in it devices of the same PCI
/// address one device; networks of the same kind become one network. What one view lacks another
/// fills in. Where views contradict each other the first one is believed and a finding says so. The
/// outcome depends on the order of the views and on nothing else.
public final class TopologyMerge {
  private TopologyMerge() {}

  /// Merges views.
  ///
  /// @param views what the ranks see, the same list in the same order on every rank
  /// @return the whole, and what contradicts itself
  /// @throws IllegalArgumentException if there are no views
  public static Reading merge(List<Topology> views) {
    if (views.isEmpty()) {
      throw new IllegalArgumentException("there are no topologies to merge");
    }
    Topology first = views.getFirst();
    Topology.Builder builder = Topology.builder(first.name());
    first.attributes().forEach(builder::attribute);
    List<Finding> findings = new ArrayList<>();
    NodeMerge nodes = new NodeMerge(builder, findings);
    LinkMerge links = new LinkMerge(findings);
    for (Topology view : views) {
      Map<String, String> ids = nodes.add(view);
      links.add(view, ids);
      view.ranks()
          .forEach((rank, node) ->
              place(builder, rank, Objects.requireNonNull(ids.get(node)), findings));
    }
    links.links().forEach(builder::link);
    List<Node> hosts =
        builder.nodes().stream().filter(node -> node.kind() == NodeKind.HOST).toList();
    if (hosts.size() > 1) {
      builder.name(hosts.size() + " hosts");
    }
    return new Reading(LocalTopology.LIVE, builder.build(), findings);
  }

  private static void place(
      Topology.Builder builder, int rank, String node, List<Finding> findings) {
    String known = builder.ranks().get(rank);
    if (known == null) {
      builder.rank(rank, node);
    } else if (!known.equals(node)) {
      findings.add(
          Finding.warning(
              "rank " + rank, "is on " + known + " in one view and on " + node + " in another"));
    }
  }
}
