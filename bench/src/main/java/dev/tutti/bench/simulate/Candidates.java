package dev.tutti.bench.simulate;

import dev.tutti.bench.topo.TopologyPlans;
import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.algorithm.LateRankAllReduce;
import dev.tutti.collectives.algorithm.NestedRingsAllReduce;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.simulate.ScheduleSource;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// The algorithms that could run a collective on a topology, all of its ranks taking part.
///
/// Pieces are cut as the planner does it unless somebody says otherwise: where the algorithm
/// pipelines, one for each 256 KiB, at most 16; the hierarchical one, as many as there are lanes.
/// Its groups are the hosts, or where every host has one rank, the racks or whatever the hosts are
/// in.
public final class Candidates {
  /// Instead of a late rank.
  public static final int NOBODY = -1;

  private static final int LANES = 64; // of a communicator, or as many as ranks if those are more

  // To plan for more ranks takes seconds.
  private static final int MOST_PLANNED = 32;
  private static final Set<Collective> PACKED =
      EnumSet.of(
          Collective.ALL_REDUCE,
          Collective.ALL_GATHER,
          Collective.REDUCE_SCATTER,
          Collective.BROADCAST);

  private final Collective collective;
  private final int ranks;
  private final int root;
  private final Topology topology;
  private final int pieces; // 0 for what is usual
  private final int[] groupOf;
  private final int groups;
  private final int late; // the only rank that is late, or NOBODY

  /// An algorithm ready to be simulated.
  ///
  /// @param pieces into how many pieces it cuts messages, 1 if it does not
  public record Candidate(String algorithm, int pieces, ScheduleSource source) {}

  /// Looks at a topology.
  ///
  /// @param pieces 0 for what is usual
  /// @param late the rank that is late if there is one alone, else [#NOBODY]
  /// @throws IllegalArgumentException if there are fewer than two ranks, a rank is missing, or the
  ///   root is none of them
  public Candidates(Topology topology, Collective collective, int root, int pieces, int late) {
    this.topology = topology;
    this.collective = collective;
    this.ranks = topology.ranks().size();
    this.root = root;
    this.pieces = pieces;
    this.late = late;
    if (ranks < 2) {
      throw new IllegalArgumentException(
          "topology '" + topology.name() + "' has " + ranks + " ranks placed on it, expected 2");
    }
    if (topology.ranks().lastKey() != ranks - 1) {
      throw new IllegalArgumentException(
          "topology '"
              + topology.name()
              + "' places "
              + ranks
              + " ranks up to number "
              + topology.ranks().lastKey()
              + "; expected all from 0 on");
    }
    if (root < 0 || root >= ranks) {
      throw new IllegalArgumentException(
          "root is " + root + ", expected 0 to " + (ranks - 1) + " as there are " + ranks);
    }
    int[] byHost = inside(topology, NodeKind.HOST);
    groupOf = distinct(byHost) < ranks ? byHost : inside(topology, NodeKind.GROUP);
    groups = distinct(groupOf);
  }

  /// Returns the number of each rank's box of a kind; ranks in none are alone.
  private static int[] inside(Topology topology, NodeKind kind) {
    int[] boxOf = new int[topology.ranks().size()];
    Map<String, Integer> numbers = new HashMap<>();
    topology
        .ranks()
        .forEach((rank, place) -> {
          Node box = topology.enclosing(place, kind);
          String id = box == null ? "rank " + rank : box.id();
          boxOf[rank] = numbers.computeIfAbsent(id, _ -> numbers.size());
        });
    return boxOf;
  }

  private static int distinct(int[] numbers) {
    return (int) IntStream.of(numbers).distinct().count();
  }

  /// Returns the names of all candidates.
  public List<String> names() {
    List<String> names = new ArrayList<>();
    Algorithms.supporting(collective, ranks).forEach(algorithm -> names.add(algorithm.name()));
    if (collective == Collective.ALL_REDUCE && groups > 1 && groups < ranks) {
      names.add(HierarchicalAllReduce.NAME);
    }
    boolean alone = late != NOBODY && late < ranks;
    if (collective == Collective.ALL_REDUCE && alone && ranks >= LateRankAllReduce.LEAST_RANKS) {
      names.add(LateRankAllReduce.NAME);
    }
    if (ranks <= MOST_PLANNED) {
      if (collective == Collective.ALL_REDUCE) {
        names.add(NestedRingsAllReduce.NAME);
      }
      if (PACKED.contains(collective)) {
        names.add(TopologyPlans.PACKED_TREES);
      }
    }
    return names;
  }

  /// Returns the candidate of a name for a vector size.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists all
  public Candidate named(String name, long bytes) {
    if (!names().contains(name)) {
      throw new IllegalArgumentException(
          "no " + collective.label() + " by '" + name + "' here; there are " + names());
    }
    int usual = pieces == 0 ? Planner.pieces(Planner.largestOfClass(bytes)) : pieces;
    if (name.equals(HierarchicalAllReduce.NAME)) {
      int each = HierarchicalAllReduce.lanes(groupOf, 1);
      int most = Math.max(1, Math.max(LANES, ranks) / each);
      int cut = pieces == 0 ? Math.min(usual, most) : pieces;
      return new Candidate(
          name, cut, new ScheduleSource(ranks, HierarchicalAllReduce.scheduleOfRank(groupOf, cut)));
    }
    if (name.equals(LateRankAllReduce.NAME)) {
      int cut = pieces == 0 ? LateRankAllReduce.pieces(ranks, bytes) : pieces;
      int lanes = Math.max(LANES, ranks);
      return new Candidate(
          name,
          cut,
          new ScheduleSource(
              ranks, rank -> LateRankAllReduce.schedule(ranks, rank, late, cut, lanes)));
    }
    if (TopologyPlans.names().contains(name)) {
      TopologyPlans.Request request =
          new TopologyPlans.Request(collective, root, usual, Math.max(LANES, ranks));
      return new Candidate(
          name,
          usual,
          ScheduleSource.of(TopologyPlans.schedules(name, topology, request).schedules()));
    }
    Algorithm algorithm = Algorithms.named(name);
    int cut = algorithm.pipelines(collective) ? usual : 1;
    return new Candidate(
        name,
        cut,
        new ScheduleSource(ranks, rank -> algorithm.schedule(collective, ranks, rank, root, cut)));
  }
}
