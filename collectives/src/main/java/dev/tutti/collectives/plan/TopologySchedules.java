package dev.tutti.collectives.plan;

import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.algorithm.NestedRings;
import dev.tutti.collectives.algorithm.NestedRingsAllReduce;
import dev.tutti.collectives.algorithm.PackedTreesAllGather;
import dev.tutti.collectives.algorithm.PackedTreesAllReduce;
import dev.tutti.collectives.algorithm.PackedTreesBroadcast;
import dev.tutti.collectives.algorithm.PackedTreesReduceScatter;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Quantities;
import dev.tutti.topology.Topology;
import dev.tutti.topology.pack.CapacityGraph;
import dev.tutti.topology.pack.PackedTrees;
import dev.tutti.topology.pack.TreeShape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Schedules of the algorithms that look at the topology, not only at the number of ranks.
public final class TopologySchedules {
  /// Name of the algorithms on packed trees, as on the command line.
  public static final String PACKED_TREES = "packed-trees";

  private static final List<String> NAMES =
      List.of(HierarchicalAllReduce.NAME, NestedRingsAllReduce.NAME, PACKED_TREES);
  private static final int MOST_RINGS = 3;

  private TopologySchedules() {}

  /// What is planned.
  ///
  /// @param collective the operation
  /// @param root of a rooted one
  /// @param pieces into how many pieces parts are cut
  /// @param lanes how many lanes there are
  /// @param shape what packed trees look like where there is a choice
  public record Request(Collective collective, int root, int pieces, int lanes, TreeShape shape) {
    /// Asks for chains.
    public Request(Collective collective, int root, int pieces, int lanes) {
      this(collective, root, pieces, lanes, TreeShape.CHAINS);
    }
  }

  /// What came out.
  ///
  /// @param schedules of all ranks
  /// @param note what is said about them, possibly nothing
  public record Planned(ScheduleSet schedules, String note) {}

  /// Returns the names of these algorithms.
  public static List<String> names() {
    return NAMES;
  }

  /// Returns the names of those that realise a collective on links of any rates.
  static List<String> supporting(Collective collective) {
    return switch (collective) {
      case ALL_REDUCE -> List.of(NestedRingsAllReduce.NAME, PACKED_TREES);
      case ALL_GATHER, REDUCE_SCATTER, BROADCAST -> List.of(PACKED_TREES);
      default -> List.of();
    };
  }

  /// Returns the schedules of all ranks that are placed on a topology.
  ///
  /// @param name one of [#names]
  /// @throws IllegalArgumentException if there is no such algorithm, or it cannot do that
  public static Planned schedules(String name, Topology topology, Request request) {
    if (topology.ranks().size() < 2) {
      throw new IllegalArgumentException(
          name
              + " needs at least 2 ranks placed on the topology; it has "
              + topology.ranks().size());
    }
    if (name.equals(PACKED_TREES)) {
      return packedTrees(CapacityGraph.ofWays(topology), request);
    }
    requireAllReduce(name, request);
    if (name.equals(HierarchicalAllReduce.NAME)) {
      return new Planned(HierarchicalAllReduce.scheduleSet(levels(topology), request.pieces()), "");
    }
    if (name.equals(NestedRingsAllReduce.NAME)) {
      CapacityGraph graph = CapacityGraph.of(topology);
      return nestedRings(
          IntStream.range(0, graph.ranks()).mapToDouble(graph::portRate).toArray(), request);
    }
    throw new IllegalArgumentException("no algorithm '" + name + "'; there are " + NAMES);
  }

  /// Returns the schedules of nested rings for ports of some rates.
  ///
  /// @throws IllegalArgumentException if it is no all-reduce, or a rate is not positive
  public static Planned nestedRings(double[] rates, Request request) {
    requireAllReduce(NestedRingsAllReduce.NAME, request);
    NestedRings rings = NestedRings.of(rates, MOST_RINGS);
    StringBuilder note = new StringBuilder(NestedRingsAllReduce.NAME).append(": ");
    for (int h = rates.length; h > 0; h--) {
      if (rings.parts()[h - 1] > 0) {
        note.append(Quantities.percent(rings.parts()[h - 1]))
            .append(" over a ring of ")
            .append(h)
            .append(", ");
      }
    }
    note.append(Quantities.percent(NestedRings.bound(rates) / rings.time()))
        .append(" of what the ports allow");
    return new Planned(
        NestedRingsAllReduce.scheduleSet(rings, request.pieces(), request.lanes()),
        note.toString());
  }

  private static void requireAllReduce(String name, Request request) {
    if (request.collective() != Collective.ALL_REDUCE) {
      throw new IllegalArgumentException(
          name + " is an all-reduce; there is no " + request.collective().label() + " of it");
    }
  }

  private static Planned packedTrees(CapacityGraph graph, Request request) {
    int lanes = request.lanes();
    int pieces = request.pieces();
    return switch (request.collective()) {
      case ALL_REDUCE -> {
        PackedTrees trees = PackedTrees.forAllReduce(graph, lanes, request.shape());
        yield planned(PackedTreesAllReduce.scheduleSet(trees, pieces, lanes), trees);
      }
      case ALL_GATHER -> {
        PackedTrees trees = PackedTrees.forAllGather(graph, lanes);
        yield planned(PackedTreesAllGather.scheduleSet(trees, pieces), trees);
      }
      case REDUCE_SCATTER -> {
        PackedTrees trees = PackedTrees.forReduceScatter(graph, lanes);
        yield planned(PackedTreesReduceScatter.scheduleSet(trees, pieces), trees);
      }
      case BROADCAST -> {
        PackedTrees trees = PackedTrees.forBroadcast(graph, request.root(), lanes);
        yield planned(PackedTreesBroadcast.scheduleSet(trees, pieces), trees);
      }
      default ->
          throw new IllegalArgumentException(
              "there is no " + request.collective().label() + " by '" + PACKED_TREES + "'");
    };
  }

  private static Planned planned(ScheduleSet schedules, PackedTrees trees) {
    String note =
        PACKED_TREES
            + ": "
            + trees.trees().size()
            + " trees, algbw at most "
            + Quantities.rate(1 / trees.secondsPerByte())
            + ", "
            + Quantities.percent(trees.boundSecondsPerByte() / trees.secondsPerByte())
            + " of what the network allows";
    return new Planned(schedules, note);
  }

  /// Returns the host of each rank, and where hosts lie in several larger groups (racks), those.
  private static int[][] levels(Topology topology) {
    int[] hosts = new int[topology.ranks().size()];
    int[] groups = new int[hosts.length];
    List<String> hostIds = new ArrayList<>();
    List<String> groupIds = new ArrayList<>();
    int i = 0;
    for (String place : topology.ranks().values()) {
      Node host = topology.enclosing(place, NodeKind.HOST);
      String hostId = host == null ? place : host.id();
      Node group = topology.enclosing(hostId, NodeKind.GROUP);
      hosts[i] = number(hostIds, hostId);
      groups[i] = number(groupIds, group == null ? "" : group.id());
      i++;
    }
    boolean several = groupIds.size() > 1 && groupIds.size() < hostIds.size();
    return several ? new int[][] {hosts, groups} : new int[][] {hosts};
  }

  private static int number(List<String> ids, String id) {
    if (!ids.contains(id)) {
      ids.add(id);
    }
    return ids.indexOf(id);
  }
}
