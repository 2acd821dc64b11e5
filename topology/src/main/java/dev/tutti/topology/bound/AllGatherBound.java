package dev.tutti.topology.bound;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jgrapht.Graph;
import org.jgrapht.alg.flow.PushRelabelMFImpl;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.SimpleDirectedWeightedGraph;
import org.jspecify.annotations.Nullable;

/// The least time of an all-gather on any topology, and the cut that causes it.
///
/// Gathering M bytes from N ranks takes at least `(M / N) * max |S with ranks| / exit(S)` over all
/// sets S of nodes that leave out at least one rank (ForestColl, arXiv 2402.06787, section 3), and
/// that can be reached. A link carries what it was measured to carry, else what it should; a link
/// of which neither is known is taken to be no bottleneck.
///
/// Invariant of the search (Newton's method on the ratio): every candidate is the ratio of a cut
/// that exists, and rises. With a source that feeds x into each rank, some rank that cannot be sent
/// `N * x` lies behind a cut with a higher ratio; if there is none, the candidate is the maximum.
public final class AllGatherBound {
  /// Up to so many ranks every cut is considered; beyond, max-flows would take minutes.
  static final int EXACT_RANKS = 64;

  private static final String SOURCE = "\u0000source";
  private static final double SLACK = 1e-7;

  private final Topology topology;
  private final List<String> ranks;
  private final Map<String, Integer> ranksOn = new LinkedHashMap<>();
  private double unit = 1;

  private AllGatherBound(Topology topology) {
    this.topology = topology;
    ranks = List.copyOf(topology.ranks().values());
    ranks.forEach(node -> ranksOn.merge(node, 1, Integer::sum));
  }

  /// Finds the limiting cut.
  ///
  /// @return null if there are fewer than two places with ranks, or no cut has a known capacity
  public static @Nullable LimitingCut of(Topology topology) {
    AllGatherBound bound = new AllGatherBound(topology);
    if (bound.ranksOn.size() < 2) {
      return null;
    }
    LimitingCut cut = bound.bestBox();
    return cut == null || bound.ranks.size() > EXACT_RANKS || cut.bytesPerSecond() == 0
        ? cut
        : bound.improve(cut);
  }

  private @Nullable LimitingCut bestBox() {
    LimitingCut best = null;
    for (String node : ranksOn.keySet()) {
      best = worse(best, cut(Set.of(node), false));
    }
    for (Node box : topology.nodes()) {
      if (!topology.children(box.id()).isEmpty()) {
        Set<String> inside = new HashSet<>();
        collect(box.id(), inside);
        best = worse(best, cut(inside, false));
        best = worse(best, cut(complement(inside), false));
      }
    }
    return best;
  }

  private void collect(String id, Set<String> into) {
    into.add(id);
    topology.children(id).forEach(child -> collect(child.id(), into));
  }

  private Set<String> complement(Set<String> inside) {
    Set<String> outside = new HashSet<>();
    topology.nodes().forEach(node -> outside.add(node.id()));
    outside.removeAll(inside);
    return outside;
  }

  /// Returns the cut around some nodes and what they reach over links of unknown capacity, which
  /// count as unlimited; null if all or no ranks are inside.
  private @Nullable LimitingCut cut(Set<String> nodes, boolean exact) {
    Set<String> inside = new HashSet<>(nodes);
    Deque<String> open = new ArrayDeque<>(nodes);
    List<Link> finite = new ArrayList<>();
    while (!open.isEmpty()) {
      for (Link link : topology.linksFrom(open.remove())) {
        if (link.bestKnownBytesPerSecond() != null) {
          finite.add(link);
        } else if (inside.add(link.to())) {
          open.add(link.to());
        }
      }
    }
    int count = 0;
    for (Map.Entry<String, Integer> entry : ranksOn.entrySet()) {
      count += inside.contains(entry.getKey()) ? entry.getValue() : 0;
    }
    if (count == 0 || count == ranks.size()) {
      return null;
    }
    List<Link> crossing = finite.stream().filter(link -> !inside.contains(link.to())).toList();
    double capacity = crossing.stream().mapToDouble(AllGatherBound::known).sum();
    return new LimitingCut(inside, crossing, capacity, count, ranks.size(), exact);
  }

  private static @Nullable LimitingCut worse(@Nullable LimitingCut a, @Nullable LimitingCut b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return ratio(b) > ratio(a) * (1 + SLACK) ? b : a;
  }

  private static double ratio(LimitingCut cut) {
    return cut.ranksInside() / cut.bytesPerSecond();
  }

  private LimitingCut improve(LimitingCut start) {
    LimitingCut best = start;
    Graph<String, DefaultWeightedEdge> graph = graph();
    List<DefaultWeightedEdge> feeds = new ArrayList<>();
    for (String node : ranksOn.keySet()) {
      feeds.add(graph.addEdge(SOURCE, node));
    }
    boolean rising = true;
    while (rising) {
      rising = false;
      double feed = 1 / ratio(best) / unit;
      int i = 0;
      for (int count : ranksOn.values()) {
        graph.setEdgeWeight(feeds.get(i++), count * feed);
      }
      for (String sink : ranksOn.keySet()) {
        LimitingCut found = violated(graph, sink, feed);
        if (found != null && ratio(found) > ratio(best) * (1 + SLACK)) {
          best = found;
          rising = true;
          break;
        }
      }
    }
    return new LimitingCut(
        best.inside(),
        best.crossing(),
        best.bytesPerSecond(),
        best.ranksInside(),
        best.ranks(),
        true);
  }

  /// Returns the cut that keeps a sink from getting everything, null if it gets everything.
  private @Nullable LimitingCut violated(
      Graph<String, DefaultWeightedEdge> graph, String sink, double feed) {
    var flow = new PushRelabelMFImpl<>(graph, SLACK * feed);
    double wanted = ranks.size() * feed;
    if (flow.calculateMinCut(SOURCE, sink) >= wanted * (1 - SLACK)) {
      return null;
    }
    Set<String> inside = new HashSet<>(flow.getSourcePartition());
    inside.remove(SOURCE);
    return cut(inside, true);
  }

  private Graph<String, DefaultWeightedEdge> graph() {
    var graph =
        new SimpleDirectedWeightedGraph<String, DefaultWeightedEdge>(DefaultWeightedEdge.class);
    graph.addVertex(SOURCE);
    topology.nodes().forEach(node -> graph.addVertex(node.id()));
    // Around 1, where the flow's tolerance is meaningful.
    unit = topology.links().stream().mapToDouble(AllGatherBound::known).max().orElse(1);
    double unlimited =
        topology.links().stream().mapToDouble(AllGatherBound::known).sum() / unit + ranks.size();
    for (Link link : topology.links()) {
      Double rate = link.bestKnownBytesPerSecond();
      double weight = rate == null ? unlimited : rate / unit;
      DefaultWeightedEdge edge = graph.getEdge(link.from(), link.to());
      if (edge == null) {
        edge = graph.addEdge(link.from(), link.to());
        graph.setEdgeWeight(edge, weight);
      } else {
        graph.setEdgeWeight(edge, graph.getEdgeWeight(edge) + weight);
      }
    }
    return graph;
  }

  private static double known(Link link) {
    Double rate = link.bestKnownBytesPerSecond();
    return rate == null ? 0 : rate;
  }
}
