package dev.tutti.topology.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jgrapht.alg.flow.DinicMFImpl;
import org.jgrapht.graph.DefaultWeightedEdge;
import org.jgrapht.graph.DirectedWeightedMultigraph;

/// Maximum flows in a directed graph whose vertices and edges have numbers, by JGraphT's
/// implementation of Dinic's algorithm. Made once for a graph, run for many capacities; not
/// thread-safe.
///
/// With whole capacities whose sums stay below 2^53 every result is exact.
public final class MaxFlow {
  /// More than any sum of capacities should be; eight of them still add up exactly.
  public static final long UNLIMITED = 1L << 50;

  private static final double HALF = 0.5;

  private final DirectedWeightedMultigraph<Integer, DefaultWeightedEdge> graph =
      new DirectedWeightedMultigraph<>(DefaultWeightedEdge.class);
  private final List<Edge> edges = new ArrayList<>();
  private final List<List<Integer>> edgesAt = new ArrayList<>();
  private final double precision;
  private Map<DefaultWeightedEdge, Double> flows = Map.of();
  private int source;
  private int sink;

  private record Edge(int from, int to, DefaultWeightedEdge edge) {}

  /// Makes a graph without edges.
  ///
  /// @param vertices how many; their numbers are 0 to `vertices` - 1
  /// @param precision what is less counts as nothing: far below any capacity that matters
  public MaxFlow(int vertices, double precision) {
    this.precision = precision;
    for (int v = 0; v < vertices; v++) {
      graph.addVertex(v);
      edgesAt.add(new ArrayList<>());
    }
  }

  /// Makes a graph without edges for capacities that are whole numbers.
  public static MaxFlow withWholeCapacities(int vertices) {
    return new MaxFlow(vertices, HALF);
  }

  /// Adds an edge and returns its number, from 0. There may be several between two vertices; one
  /// from a vertex to itself is as good as none.
  public int add(int from, int to, double capacity) {
    DefaultWeightedEdge edge = from == to ? new DefaultWeightedEdge() : graph.addEdge(from, to);
    edges.add(new Edge(from, to, edge));
    int number = edges.size() - 1;
    edgesAt.get(from).add(number);
    edgesAt.get(to).add(number);
    set(number, capacity);
    return number;
  }

  /// Changes the capacity of an edge.
  public void set(int number, double capacity) {
    Edge edge = edges.get(number);
    if (edge.from() != edge.to()) {
      graph.setEdgeWeight(edge.edge(), capacity);
    }
  }

  /// Returns the largest flow from one vertex to another.
  public double flow(int from, int to) {
    source = from;
    sink = to;
    var found = new DinicMFImpl<>(graph, precision).getMaximumFlow(from, to);
    flows = found.getFlowMap();
    return found.getValue();
  }

  /// Returns the largest flow where capacities are whole numbers, or `enough` if it is at least
  /// that.
  public long wholeFlow(int from, int to, long enough) {
    return Math.min(Math.round(flow(from, to)), enough);
  }

  /// Returns what the last flow sends over an edge.
  public double flowOn(int number) {
    return flows.getOrDefault(edges.get(number).edge(), 0.0);
  }

  /// Tells which vertices the last flow's source could send more to: its side of the smallest of
  /// the least cuts.
  public boolean[] sourceSide() {
    return reachable(source, true);
  }

  /// Tells which vertices could send no more to the last flow's sink: the source's side of the
  /// largest of the least cuts.
  public boolean[] beforeSink() {
    boolean[] behind = reachable(sink, false);
    boolean[] before = new boolean[behind.length];
    for (int v = 0; v < before.length; v++) {
      before[v] = !behind[v];
    }
    return before;
  }

  /// Returns which vertices more could go to from a vertex, or from which more could come.
  private boolean[] reachable(int start, boolean onwards) {
    boolean[] reached = new boolean[edgesAt.size()];
    reached[start] = true;
    Deque<Integer> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      int v = open.remove();
      for (int number : edgesAt.get(v)) {
        Edge edge = edges.get(number);
        boolean leaves = edge.from() == v;
        int other = leaves ? edge.to() : edge.from();
        double room =
            leaves == onwards ? graph.getEdgeWeight(edge.edge()) - flowOn(number) : flowOn(number);
        if (other != v && !reached[other] && room > precision) {
          reached[other] = true;
          open.add(other);
        }
      }
    }
    return reached;
  }
}
