package dev.tutti.topology.pack;

import dev.tutti.topology.Link;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.route.RouteTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Ranks, switches, and what the links between them carry: as much of a [Topology] as bandwidth
/// depends on. Immutable.
///
/// Vertices 0 to `ranks - 1` are the ranks; all others, switches, hand on what they get and can
/// neither copy nor add.
public final class CapacityGraph {
  private final int ranks;
  private final int vertices;
  private final List<Edge> edges;

  /// A directed link.
  ///
  /// @param from vertex that sends
  /// @param to vertex that receives
  /// @param rate what it carries, in bytes/s or any other unit, positive
  public record Edge(int from, int to, double rate) {}

  /// Makes a graph; parallel edges become one, and edges that carry nothing are left out.
  ///
  /// @throws IllegalArgumentException if there are fewer than 2 ranks, or an edge is outside
  public CapacityGraph(int ranks, int switches, List<Edge> links) {
    if (ranks < 2 || switches < 0) {
      throw new IllegalArgumentException(
          "expected at least 2 ranks and no less than 0 switches, got "
              + ranks
              + " and "
              + switches);
    }
    this.ranks = ranks;
    this.vertices = ranks + switches;
    Map<Long, Double> sums = new LinkedHashMap<>();
    for (Edge edge : links) {
      boolean inside =
          edge.from() >= 0 && edge.from() < vertices && edge.to() >= 0 && edge.to() < vertices;
      if (!inside || edge.from() == edge.to() || !(edge.rate() < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(edge + " does not fit " + vertices + " vertices");
      }
      if (edge.rate() > 0) {
        sums.merge((long) edge.from() * vertices + edge.to(), edge.rate(), Double::sum);
      }
    }
    List<Edge> merged = new ArrayList<>();
    sums.forEach(
        (key, rate) -> merged.add(new Edge((int) (key / vertices), (int) (key % vertices), rate)));
    edges = List.copyOf(merged);
  }

  /// Reads the ranks of a topology and the links between them, at the rates that are best known. A
  /// link of unknown rate is taken to be no bottleneck; devices without a rank hand on nothing;
  /// several ranks of one node have all of it. Dead ends are left out, and what lies between two
  /// neighbours becomes one edge of the lesser rate.
  ///
  /// @throws IllegalArgumentException if the ranks placed are not 0 to at least 1
  public static CapacityGraph of(Topology topology) {
    return of(topology, topology.links());
  }

  /// Reads as [#of(Topology)] the links that messages between the ranks take: those of the shortest
  /// ways. What else there is, such as PCI Express between devices that NVLink joins, could carry
  /// data too, but no transport would send any over it.
  ///
  /// @throws IllegalArgumentException as [#of(Topology)]
  public static CapacityGraph ofWays(Topology topology) {
    RouteTable table = new RouteTable(topology);
    int[] places = topology.ranks().values().stream().mapToInt(table::node).toArray();
    Set<Link> used = new LinkedHashSet<>();
    for (int from : places) {
      for (int to : places) {
        if (from != to) {
          IntStream.of(table.find(from, to).links()).mapToObj(table::link).forEach(used::add);
        }
      }
    }
    return of(topology, used);
  }

  private static CapacityGraph of(Topology topology, Collection<Link> links) {
    int ranks = topology.ranks().size();
    Map<String, Integer> vertexOf = new LinkedHashMap<>();
    int next = ranks;
    List<Edge> edges = new ArrayList<>();
    double sum = 0;
    for (Link link : links) {
      Double rate = link.bestKnownBytesPerSecond();
      sum += rate == null ? 0 : rate;
    }
    double unlimited = sum == 0 ? 1 : sum;
    for (int rank = 0; rank < ranks; rank++) {
      String place = topology.ranks().get(rank);
      if (place == null) {
        throw new IllegalArgumentException(
            "topology '" + topology.name() + "' places " + ranks + " ranks, but not rank " + rank);
      }
      if (topology.ranksOn(place).size() == 1) {
        vertexOf.put(place, rank);
      } else {
        if (!vertexOf.containsKey(place)) {
          vertexOf.put(place, next++);
        }
        edges.add(new Edge(rank, vertexOf.get(place), unlimited));
        edges.add(new Edge(vertexOf.get(place), rank, unlimited));
      }
    }
    for (Link link : links) {
      for (String end : List.of(link.from(), link.to())) {
        if (!vertexOf.containsKey(end) && topology.node(end).kind() != NodeKind.DEVICE) {
          vertexOf.put(end, next++);
        }
      }
      Integer from = vertexOf.get(link.from());
      Integer to = vertexOf.get(link.to());
      Double rate = link.bestKnownBytesPerSecond();
      if (from != null && to != null) {
        edges.add(new Edge(from, to, rate == null ? unlimited : rate));
      }
    }
    return new CapacityGraph(ranks, next - ranks, edges).simplified();
  }

  /// Returns the graph without switches of one or two neighbours.
  private CapacityGraph simplified() {
    double[][] rate = rates();
    boolean[] gone = new boolean[vertices];
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int w = ranks; w < vertices; w++) {
        int[] near = gone[w] ? new int[0] : neighbours(rate, w);
        if (!gone[w] && near.length <= 2) {
          gone[w] = true;
          changed = true;
          if (near.length == 2) {
            bypass(rate, near[0], w, near[1]);
            bypass(rate, near[1], w, near[0]);
          }
          for (int v = 0; v < vertices; v++) {
            rate[v][w] = 0;
            rate[w][v] = 0;
          }
        }
      }
    }
    int[] numberOf = new int[vertices];
    int kept = 0;
    for (int v = 0; v < vertices; v++) {
      numberOf[v] = gone[v] ? -1 : kept++;
    }
    List<Edge> left = new ArrayList<>();
    for (int a = 0; a < vertices; a++) {
      for (int b = 0; b < vertices; b++) {
        if (rate[a][b] > 0) {
          left.add(new Edge(numberOf[a], numberOf[b], rate[a][b]));
        }
      }
    }
    return new CapacityGraph(ranks, kept - ranks, left);
  }

  private static int[] neighbours(double[][] rate, int w) {
    return IntStream.range(0, rate.length).filter(v -> rate[v][w] > 0 || rate[w][v] > 0).toArray();
  }

  private static void bypass(double[][] rate, int from, int w, int to) {
    rate[from][to] += Math.min(rate[from][w], rate[w][to]);
  }

  private double[][] rates() {
    double[][] rate = new double[vertices][vertices];
    for (Edge edge : edges) {
      rate[edge.from()][edge.to()] = edge.rate();
    }
    return rate;
  }

  /// Returns the number of ranks.
  public int ranks() {
    return ranks;
  }

  /// Returns the number of ranks and switches.
  public int vertices() {
    return vertices;
  }

  /// Returns the edges, at most one from each vertex to each other.
  public List<Edge> edges() {
    return edges;
  }

  /// Returns what a rank's links carry together, in the slower of the two directions.
  public double portRate(int rank) {
    double out = 0;
    double in = 0;
    for (Edge edge : edges) {
      out += edge.from() == rank ? edge.rate() : 0;
      in += edge.to() == rank ? edge.rate() : 0;
    }
    return Math.min(in, out);
  }

  /// Returns the graph with every edge turned round.
  public CapacityGraph reversed() {
    return new CapacityGraph(
        ranks,
        vertices - ranks,
        edges.stream().map(e -> new Edge(e.to(), e.from(), e.rate())).toList());
  }

  /// Returns the edge that leads the other way for each edge, -1 where there is none.
  int[] reverses() {
    int[][] numberOf = new int[vertices][vertices];
    for (int e = 0; e < edges.size(); e++) {
      numberOf[edges.get(e).from()][edges.get(e).to()] = e + 1;
    }
    return edges.stream().mapToInt(e -> numberOf[e.to()][e.from()] - 1).toArray();
  }

  /// Returns whether every edge has a reverse of the same rate.
  public boolean isSymmetric() {
    double[][] rate = rates();
    return edges.stream().allMatch(e -> rate[e.from()][e.to()] == rate[e.to()][e.from()]);
  }

  /// Returns whether every switch can give out just as much as it can take in.
  boolean hasBalancedSwitches() {
    double[] excess = new double[vertices];
    double[] total = new double[vertices];
    for (Edge edge : edges) {
      excess[edge.from()] -= edge.rate();
      excess[edge.to()] += edge.rate();
      total[edge.from()] += edge.rate();
    }
    for (int v = ranks; v < vertices; v++) {
      if (Math.abs(excess[v]) > total[v] * 1e-9) {
        return false;
      }
    }
    return true;
  }
}
