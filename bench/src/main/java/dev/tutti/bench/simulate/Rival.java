package dev.tutti.bench.simulate;

import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.plan.TopologyCandidates;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a vendor's library would run for an all-reduce, by its constants: neither looks at what a
/// link was measured to do, nor at what is damaged.
///
/// @param library its name
/// @param algorithm what it calls what it would run
/// @param why by which rule
/// @param candidate the algorithm among ours that moves the same data the same way
public record Rival(String library, String algorithm, String why, String candidate) {
  private static final Set<LinkKind> NVIDIA = EnumSet.of(LinkKind.NVLINK, LinkKind.NVSWITCH);
  private static final Set<LinkKind> ASCEND =
      EnumSet.of(LinkKind.HCCS, LinkKind.HCCS_SWITCH, LinkKind.SIO, LinkKind.UB);

  // NCCL 2.30, src/graph/tuning.cc: microseconds of the protocol Simple on sm90 and before.
  private static final double BASE = 8.4;
  private static final double NVLINK_TREE = 4.0;
  private static final double NVLINK_RING = 3.4;
  private static final double NETWORK = 14;
  private static final double TREE_EFFICIENCY = 0.92;
  private static final double LARGE_RING_FACTOR = 1.4; // latency of rings over several hosts
  private static final int FEW_SERVERS = 3; // HCCL: up to so many, a ring joins them

  /// Returns what the libraries would run that know the devices of a topology: NCCL those of
  /// NVIDIA, HCCL those of Huawei.
  ///
  /// @param names of the candidates there are
  public static List<Rival> of(Topology topology, List<String> names, long bytes) {
    List<Rival> rivals = new ArrayList<>();
    if (has(topology, NVIDIA)) {
      rivals.add(nccl(topology, names, bytes));
    }
    if (has(topology, ASCEND)) {
      rivals.add(hccl(topology, names));
    }
    return rivals;
  }

  private static boolean has(Topology topology, Set<LinkKind> kinds) {
    return topology.links().stream().anyMatch(link -> kinds.contains(link.kind()));
  }

  private static int hosts(Topology topology) {
    return (int)
        topology.ranks().values().stream()
            .map(place -> topology.enclosing(place, NodeKind.HOST))
            .distinct()
            .count();
  }

  private static Rival nccl(Topology topology, List<String> names, long bytes) {
    int ranks = topology.ranks().size();
    int hosts = hosts(topology);
    int each = Math.max(1, ranks / Math.max(1, hosts));
    double intra = gigabytes(topology, topology.ranks().firstEntry().getValue(), NVIDIA);
    double inter = hosts < 2 ? intra : Math.min(intra, networkGigabytes(topology));
    double bus = hosts > 2 ? inter : intra;
    int steps = 2 * (ranks - 1);
    int network = 2 * (hosts - 1);
    double ringLatency =
        BASE
            + ((steps - network) * NVLINK_RING + network * NETWORK)
                * (hosts > 1 ? LARGE_RING_FACTOR : 1);
    double ring = ringLatency + bytes / (1000 * bus * ranks / steps);
    double treeLatency =
        BASE + 2 * ((each - 1) * NVLINK_TREE + Math.log(hosts) / Math.log(2) * NETWORK);
    double tree = treeLatency + bytes / (1000 * bus * TREE_EFFICIENCY * 0.5);
    String figures =
        String.format(Locale.ROOT, "its constants give ring %.0f us, tree %.0f us", ring, tree);
    if (tree < ring) {
      return new Rival("NCCL", "tree", figures, "double-binary-tree");
    }
    boolean rails = names.contains(TopologyCandidates.RAIL_RINGS);
    return new Rival("NCCL", "ring", figures, rails ? TopologyCandidates.RAIL_RINGS : "ring");
  }

  /// Returns what the links of some kinds that lead away from a node carry together.
  private static double gigabytes(Topology topology, String node, Set<LinkKind> kinds) {
    double sum = 0;
    for (Link link : topology.linksFrom(node)) {
      Double nominal = link.capacityBytesPerSecond();
      sum += kinds.contains(link.kind()) && nominal != null ? nominal / 1e9 : 0;
    }
    return sum == 0 ? 1 : sum;
  }

  private static double networkGigabytes(Topology topology) {
    Node host = topology.enclosing(topology.ranks().firstEntry().getValue(), NodeKind.HOST);
    double sum = 0;
    for (Node nic : topology.nodes(NodeKind.NIC)) {
      if (host != null && host.equals(topology.enclosing(nic.id(), NodeKind.HOST))) {
        for (Link link : topology.linksFrom(nic.id())) {
          Double nominal = link.capacityBytesPerSecond();
          sum += link.kind().isNetwork() && nominal != null ? nominal / 1e9 : 0;
        }
      }
    }
    return sum == 0 ? 1 : sum;
  }

  private static Rival hccl(Topology topology, List<String> names) {
    int hosts = hosts(topology);
    if (hosts > 1 && names.contains(HierarchicalAllReduce.NAME)) {
      String across = hosts <= FEW_SERVERS ? "ring" : "NHR";
      return new Rival(
          "HCCL",
          "hierarchical, " + across + " between servers",
          hosts <= FEW_SERVERS ? "up to 3 servers, whatever the size" : "4 or more servers",
          HierarchicalAllReduce.NAME);
    }
    boolean mesh =
        topology.linksFrom(topology.ranks().firstEntry().getValue()).stream()
                .filter(link -> link.kind() == LinkKind.HCCS)
                .count()
            >= topology.ranks().size() - 2;
    return mesh
        ? new Rival("HCCL", "mesh", "fixed by the hardware", TopologyCandidates.MESH)
        : new Rival("HCCL", "ring", "fixed by the hardware", "ring");
  }
}
