package dev.tutti.collectives.plan;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.HierarchicalAllReduce;
import dev.tutti.collectives.algorithm.LateRankAllReduce;
import dev.tutti.collectives.algorithm.MultiRingAllGather;
import dev.tutti.collectives.algorithm.MultiRingAllReduce;
import dev.tutti.collectives.algorithm.MultiRingReduceScatter;
import dev.tutti.collectives.algorithm.NestedRingsAllReduce;
import dev.tutti.collectives.algorithm.PackedTreesAllReduce;
import dev.tutti.collectives.algorithm.RingOrder;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.simulate.ScheduleSource;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.pack.PackedTrees;
import dev.tutti.topology.pack.TreeShape;
import dev.tutti.topology.route.RouteTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The algorithms that could run a collective on a topology, all of its ranks taking part.
///
/// Pieces are cut as the planner does it unless somebody says otherwise: where the algorithm
/// pipelines, one for each 256 KiB, at most 16; the hierarchical one, as many as there are lanes.
/// Its groups are the hosts, or where every host has one rank, the racks or whatever the hosts are
/// in.
///
/// *Rail rings* are what NCCL's channels are on hosts of several devices with a NIC each: as many
/// rings as a host has ranks, each entering and leaving the hosts at other ranks.
public final class TopologyCandidates {
  /// Instead of a late rank.
  public static final int NOBODY = -1;

  private static final int LANES = 64; // of a communicator, or as many as ranks if those are more
  private static final int MORE_LANES = 128; // that somebody could ask for, see tutti.lanes
  private static final int MANY_PIECES = 64;
  private static final int MOST_RAILED = 512;
  private static final int MOST_CUT =
      16; // to simulate so many messages of more ranks takes seconds

  /// Name of the all-reduce in which every rank is the root of a star with an equal share, as is
  /// right where each pair of ranks has a link of its own: HCCL's mesh.
  public static final String MESH = "mesh";

  /// Name of the rings that use all NICs of the hosts.
  public static final String RAIL_RINGS = "rail-rings";

  // To plan for more ranks takes seconds.
  private static final int MOST_PLANNED = 32;
  private static final Set<Collective> PACKED =
      EnumSet.of(
          Collective.ALL_REDUCE,
          Collective.ALL_GATHER,
          Collective.REDUCE_SCATTER,
          Collective.BROADCAST);

  private static final Set<Collective> ORDERED =
      EnumSet.of(Collective.ALL_REDUCE, Collective.ALL_GATHER, Collective.REDUCE_SCATTER);

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
  /// @param form what tells it from others of the same name, empty if nothing does
  /// @param pieces into how many pieces it cuts messages, 1 if it does not
  public record Candidate(String algorithm, String form, int pieces, ScheduleSource source) {
    /// Makes the usual form of an algorithm.
    Candidate(String algorithm, int pieces, ScheduleSource source) {
      this(algorithm, "", pieces, source);
    }
  }

  /// Looks at a topology.
  ///
  /// @param pieces 0 for what is usual
  /// @param late the rank that is late if there is one alone, else [#NOBODY]
  /// @throws IllegalArgumentException if there are fewer than two ranks, a rank is missing, or the
  ///   root is none of them
  public TopologyCandidates(
      Topology topology, Collective collective, int root, int pieces, int late) {
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
    if (railRings().length > 0 && ORDERED.contains(collective)) {
      names.add(RAIL_RINGS);
    }
    boolean alone = late != NOBODY && late < ranks;
    if (collective == Collective.ALL_REDUCE && alone && ranks >= LateRankAllReduce.LEAST_RANKS) {
      names.add(LateRankAllReduce.NAME);
    }
    if (ranks <= MOST_PLANNED) {
      if (collective == Collective.ALL_REDUCE) {
        names.add(MESH);
        names.add(NestedRingsAllReduce.NAME);
      }
      if (PACKED.contains(collective)) {
        names.add(TopologySchedules.PACKED_TREES);
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
    if (name.equals(MESH)) {
      return new Candidate(
          name,
          1,
          ScheduleSource.of(
              PackedTreesAllReduce.scheduleSet(PackedTrees.stars(ranks), 1, ranks * ranks * 2)));
    }
    if (name.equals(RAIL_RINGS)) {
      return new Candidate(name, 1, rings(railRings()));
    }
    if (TopologySchedules.names().contains(name)) {
      return planned(name, TreeShape.CHAINS, usual);
    }
    Algorithm algorithm = Algorithms.named(name);
    int cut = algorithm.pipelines(collective) ? usual : 1;
    return new Candidate(
        name,
        cut,
        new ScheduleSource(ranks, rank -> algorithm.schedule(collective, ranks, rank, root, cut)));
  }

  private Candidate planned(String name, TreeShape shape, int cut) {
    TopologySchedules.Request request =
        new TopologySchedules.Request(collective, root, cut, lanes(), shape);
    String form = shape == TreeShape.SHALLOW ? "shallow" : "";
    return new Candidate(
        name,
        form,
        cut,
        ScheduleSource.of(TopologySchedules.schedules(name, topology, request).schedules()));
  }

  private int lanes() {
    return Math.max(MORE_LANES, ranks);
  }

  /// Returns all forms of an algorithm that are worth a simulation: in other orders of the ranks,
  /// cut into more pieces, on trees of another shape. The usual one comes first.
  ///
  /// @throws IllegalArgumentException as [#named]
  public List<Candidate> forms(String name, long bytes) {
    List<Candidate> forms = new ArrayList<>();
    forms.add(named(name, bytes));
    int usual = forms.getFirst().pieces();
    if (ranks > MOST_PLANNED || pieces != 0) {
      return forms;
    }
    switch (name) {
      case "ring", "two-rings" -> {
        int[] order = ringOrder();
        if (ORDERED.contains(collective) && !isNatural(order)) {
          int[][] rings =
              name.equals("ring") ? new int[][] {order} : new int[][] {order, reversed(order)};
          forms.add(new Candidate(name, "order " + words(order), 1, rings(rings)));
        }
      }
      case TopologySchedules.PACKED_TREES -> {
        if (ranks <= MOST_CUT) {
          forms.add(planned(name, TreeShape.CHAINS, MANY_PIECES));
        }
        if (ranks <= MOST_CUT && collective == Collective.ALL_REDUCE) {
          forms.add(planned(name, TreeShape.SHALLOW, 1));
          forms.add(planned(name, TreeShape.SHALLOW, MANY_PIECES));
        }
      }
      case NestedRingsAllReduce.NAME -> {
        if (usual > 1) {
          forms.add(planned(name, TreeShape.CHAINS, 1));
        }
      }
      case HierarchicalAllReduce.NAME -> {
        for (int cut : new int[] {8, 32}) {
          if (cut > usual && cut <= Planner.pieces(Planner.largestOfClass(bytes)) * 2) {
            forms.add(
                new Candidate(
                    name,
                    cut,
                    new ScheduleSource(ranks, HierarchicalAllReduce.scheduleOfRank(groupOf, cut))));
          }
        }
      }
      default -> {}
    }
    return forms;
  }

  private ScheduleSource rings(int[][] orders) {
    long[] equal = new long[orders.length];
    Arrays.fill(equal, 1);
    return ScheduleSource.of(
        switch (collective) {
          case ALL_REDUCE -> MultiRingAllReduce.scheduleSet(orders, equal);
          case ALL_GATHER -> MultiRingAllGather.scheduleSet(orders, equal);
          case REDUCE_SCATTER -> MultiRingReduceScatter.scheduleSet(orders, equal);
          default -> throw new AssertionError(collective);
        });
  }

  private static int[] reversed(int[] order) {
    int[] back = new int[order.length];
    Arrays.setAll(back, i -> order[order.length - 1 - i]);
    return back;
  }

  private static boolean isNatural(int[] order) {
    return IntStream.range(0, order.length).allMatch(i -> order[i] == i);
  }

  private static String words(int[] order) {
    return IntStream.of(order).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }

  /// Returns rings through all hosts, none if hosts do not have several ranks each, equally many.
  private int[][] railRings() {
    Map<Integer, List<Integer>> hosts = new TreeMap<>();
    for (int rank = 0; rank < ranks; rank++) {
      hosts.computeIfAbsent(groupOf[rank], _ -> new ArrayList<>()).add(rank);
    }
    int each = ranks / groups;
    if (groups < 2
        || each < 2
        || ranks > MOST_RAILED
        || !hosts.values().stream().allMatch(host -> host.size() == each)) {
      return new int[0][];
    }
    int[][] rings = new int[each][ranks];
    for (int ring = 0; ring < each; ring++) {
      int i = 0;
      for (List<Integer> host : hosts.values()) {
        for (int local = 0; local < each; local++) {
          rings[ring][i++] = host.get((ring + local) % each);
        }
      }
    }
    return rings;
  }

  /// Returns the order of ranks in which one ring is fastest.
  private int[] ringOrder() {
    RouteTable table = new RouteTable(topology);
    int[] places = topology.ranks().values().stream().mapToInt(table::node).toArray();
    double[][] rate = new double[ranks][ranks];
    double[][] links = new double[ranks][ranks];
    for (int from = 0; from < ranks; from++) {
      for (int to = 0; to < ranks; to++) {
        RouteTable.Route way = table.find(places[from], places[to]);
        links[from][to] = way.links().length;
        rate[from][to] = from == to || way.isEmpty() ? 0 : rate(table, way);
      }
    }
    return RingOrder.best(rate, links);
  }

  private static double rate(RouteTable table, RouteTable.Route way) {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < way.links().length; i++) {
      Double known = table.link(way.links()[i]).bestKnownBytesPerSecond();
      if (known != null) {
        least = Math.min(least, known / way.shares()[i]);
      }
    }
    return least;
  }
}
