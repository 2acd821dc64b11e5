package dev.tutti.collectives;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.CpuList;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.discover.TopologyMerge;
import dev.tutti.topology.format.TopologyJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// What the ranks of a communicator see of their hosts, put together.
///
/// Of each host its first rank tells what it sees; every rank tells which processor it runs on.
final class WorldTopology {
  private static final Path THREAD = Path.of("/proc/thread-self/stat");
  private static final int PROCESSOR = 36; // field 39, counted from behind the name

  private WorldTopology() {}

  /// Discovers and merges. Collective; the same on every rank.
  static Topology gather(Communicator communicator, CommunicatorCore core) {
    WorldContext world = core.world;
    int[] hostOf = new int[core.size];
    for (int r = 0; r < core.size; r++) {
      hostOf[r] = world.hostOf(core.members[r]);
    }
    String mine = isFirst(hostOf, core.index) ? TopologyJson.text(view(world)) : "";
    List<String> views = ProbeGather.texts(communicator, mine);
    double[][] processors = ProbeGather.all(communicator, new double[] {processor()});
    List<Topology> seen = new ArrayList<>();
    for (int r = 0; r < core.size; r++) {
      if (!views.get(r).isEmpty()) {
        seen.add(placed(TopologyJson.parse("rank " + r, views.get(r)), hostOf, r, processors));
      }
    }
    return TopologyMerge.merge(seen).topology();
  }

  private static boolean isFirst(int[] hostOf, int rank) {
    for (int r = 0; r < rank; r++) {
      if (hostOf[r] == hostOf[rank]) {
        return false;
      }
    }
    return true;
  }

  private static Topology view(WorldContext world) {
    String id = world.config().hostId();
    return id == null
        ? LocalTopology.discover(world.host().id(), null).topology()
        : LocalTopology.discover(id, id).topology();
  }

  /// Places the ranks of a host on the NUMA domains that their processors belong to.
  private static Topology placed(Topology view, int[] hostOf, int teller, double[][] processors) {
    Topology.Builder builder = view.toBuilder();
    for (int r = 0; r < hostOf.length; r++) {
      if (hostOf[r] == hostOf[teller]) {
        builder.rank(r, place(view, (int) processors[r][0]));
      }
    }
    return builder.build();
  }

  private static String place(Topology view, int processor) {
    List<Node> domains = view.nodes(NodeKind.NUMA);
    for (Node domain : domains) {
      BitSet cpus = CpuList.parse(domain.attribute(Attributes.CPUS));
      if (processor >= 0 && cpus != null && cpus.get(processor)) {
        return domain.id();
      }
    }
    return domains.isEmpty() ? view.roots().getFirst().id() : domains.getFirst().id();
  }

  /// Returns the processor that this thread ran on last, -1 if the kernel does not tell.
  private static int processor() {
    try {
      String stat = Files.readString(THREAD, StandardCharsets.UTF_8);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Integer.parseInt(fields[PROCESSOR]);
    } catch (IOException | RuntimeException e) {
      return -1;
    }
  }
}
