package dev.tutti.topology.bound;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// Makes a [FlowGraph] of a topology and finds the way back from its cuts.
///
/// What changes no bound goes: links of no capacity; nodes joined both ways by links of which
/// nothing is known, which count as unlimited, become one; a node without ranks that leads nowhere
/// is left out, one between two neighbours becomes a link between them, and several that join the
/// same neighbours in the same proportions become one. A link carries what it was measured to
/// carry, else what it should.
final class GraphReduction {
  /// A node that was taken out, with its links at that time.
  private record Removed(int node, Map<Integer, Double> in, Map<Integer, Double> out, int twin) {}

  private final Topology topology;
  private final Map<String, Integer> index = new LinkedHashMap<>();
  private final int[] merged;
  private final int[] ranks;
  private final List<Map<Integer, Double>> out = new ArrayList<>();
  private final List<Map<Integer, Double>> in = new ArrayList<>();
  private final List<Removed> removed = new ArrayList<>();
  private final boolean[] gone;
  private final int[] number;
  private final double unit;
  private final FlowGraph graph;

  GraphReduction(Topology topology) {
    this.topology = topology;
    for (Node node : topology.nodes()) {
      index.put(node.id(), index.size());
    }
    merged = new int[index.size()];
    Arrays.setAll(merged, v -> v);
    ranks = new int[index.size()];
    gone = new boolean[index.size()];
    number = new int[index.size()];
    double most = topology.links().stream().mapToDouble(GraphReduction::known).max().orElse(0);
    unit = most > 0 ? most : 1;
    mergeUnlimited();
    collect();
    removeForwarders();
    mergeTwins();
    removeForwarders();
    graph = build();
  }

  FlowGraph graph() {
    return graph;
  }

  /// Returns the bytes/s that a capacity of 1 stands for.
  double unit() {
    return unit;
  }

  /// Returns the node of the graph that a rank is placed on.
  int nodeOf(int rank) {
    String id = topology.ranks().get(rank);
    if (id == null) {
      throw new IllegalArgumentException(
          "rank " + rank + " has no place in topology '" + topology.name() + "'");
    }
    return numberOf(id);
  }

  /// Returns the node of the graph that a node of the topology became part of, -1 if it is gone.
  int numberOf(String id) {
    return number[find(at(id))];
  }

  private int at(String id) {
    return Objects.requireNonNull(index.get(id), id);
  }

  private static double known(Link link) {
    Double rate = link.bestKnownBytesPerSecond();
    return rate == null ? 0 : rate;
  }

  private int find(int v) {
    int root = v;
    while (merged[root] != root) {
      root = merged[root];
    }
    while (merged[v] != root) {
      int above = merged[v];
      merged[v] = root;
      v = above;
    }
    return root;
  }

  private void mergeUnlimited() {
    Set<Long> unlimited = new HashSet<>();
    for (Link link : topology.links()) {
      if (link.bestKnownBytesPerSecond() == null) {
        int a = at(link.from());
        int b = at(link.to());
        unlimited.add((long) a << 32 | b);
        if (unlimited.contains((long) b << 32 | a)) {
          merged[find(b)] = find(a);
        }
      }
    }
  }

  private void collect() {
    topology.ranks().values().forEach(id -> ranks[find(at(id))]++);
    for (int v = 0; v < merged.length; v++) {
      out.add(new LinkedHashMap<>());
      in.add(new LinkedHashMap<>());
      gone[v] = find(v) != v;
    }
    for (Link link : topology.links()) {
      Double rate = link.bestKnownBytesPerSecond();
      join(
          find(at(link.from())),
          find(at(link.to())),
          rate == null ? Double.POSITIVE_INFINITY : rate / unit);
    }
  }

  private void join(int a, int b, double capacity) {
    if (a != b && capacity > 0) {
      out.get(a).merge(b, capacity, Double::sum);
      in.get(b).merge(a, capacity, Double::sum);
    }
  }

  private void removeForwarders() {
    Deque<Integer> open = new ArrayDeque<>();
    for (int v = 0; v < gone.length; v++) {
      open.add(v);
    }
    while (!open.isEmpty()) {
      int v = open.remove();
      Set<Integer> neighbours = new LinkedHashSet<>(in.get(v).keySet());
      neighbours.addAll(out.get(v).keySet());
      boolean isDeadEnd = in.get(v).isEmpty() || out.get(v).isEmpty();
      if (gone[v] || ranks[v] > 0 || !(neighbours.size() <= 2 || isDeadEnd)) {
        continue;
      }
      Removed taken = take(v, -1);
      taken
          .in()
          .forEach((a, first) ->
              taken
                  .out()
                  .forEach((b, second) -> {
                    join(a, b, Math.min(first, second));
                  }));
      open.addAll(neighbours);
    }
  }

  private Removed take(int v, int twin) {
    Removed taken =
        new Removed(v, new LinkedHashMap<>(in.get(v)), new LinkedHashMap<>(out.get(v)), twin);
    in.get(v).keySet().forEach(a -> out.get(a).remove(v));
    out.get(v).keySet().forEach(b -> in.get(b).remove(v));
    in.get(v).clear();
    out.get(v).clear();
    gone[v] = true;
    removed.add(taken);
    return taken;
  }

  private void mergeTwins() {
    Map<List<Object>, Integer> seen = new HashMap<>();
    for (int v = 0; v < gone.length; v++) {
      if (gone[v] || ranks[v] > 0) {
        continue;
      }
      Integer twin = seen.putIfAbsent(proportions(v), v);
      if (twin != null) {
        Removed taken = take(v, twin);
        taken.in().forEach((a, capacity) -> join(a, twin, capacity));
        taken.out().forEach((b, capacity) -> join(twin, b, capacity));
      }
    }
  }

  /// Returns what must be equal for forwarding nodes to act as one: what they carry can then be
  /// split between them in proportion.
  private List<Object> proportions(int v) {
    double all = in.get(v).values().stream().mapToDouble(x -> x).sum();
    List<Object> key = new ArrayList<>();
    for (Map<Integer, Double> side : List.of(in.get(v), out.get(v))) {
      Map<Integer, Object> sorted = new TreeMap<>();
      // Unlimited: alike only to itself.
      side.forEach((w, c) -> sorted.put(w, all < Double.POSITIVE_INFINITY ? (float) (c / all) : v));
      key.add(sorted);
    }
    return key;
  }

  private FlowGraph build() {
    int count = 0;
    for (int v = 0; v < gone.length; v++) {
      number[v] = gone[v] ? -1 : count++;
    }
    int links = out.stream().mapToInt(Map::size).sum();
    int[] numbered = new int[count];
    int[] from = new int[links];
    int[] to = new int[links];
    double[] capacity = new double[links];
    int k = 0;
    for (int v = 0; v < gone.length; v++) {
      if (!gone[v]) {
        numbered[number[v]] = ranks[v];
        for (Map.Entry<Integer, Double> link : new TreeMap<>(out.get(v)).entrySet()) {
          from[k] = number[v];
          to[k] = number[link.getKey()];
          capacity[k++] = link.getValue();
        }
      }
    }
    return new FlowGraph(numbered, from, to, capacity);
  }

  /// Returns disjoint sets of nodes of the graph as a cut through the topology. What was left out
  /// of the graph is put to the side where it costs least; of several parts it stays outside.
  LimitingCut cut(List<boolean[]> sides, double share) {
    int[] part = parts(sides);
    List<Set<String>> parts = new ArrayList<>();
    sides.forEach(_ -> parts.add(new LinkedHashSet<>()));
    Map<String, Integer> partOf = new HashMap<>();
    index.forEach((id, v) -> {
      int own = part[find(v)];
      if (own >= 0) {
        parts.get(own).add(id);
        partOf.put(id, own);
      }
    });
    List<Link> crossing = new ArrayList<>();
    double capacity = 0;
    for (Link link : topology.links()) {
      Integer own = partOf.get(link.from());
      if (own != null && !own.equals(partOf.get(link.to())) && known(link) > 0) {
        crossing.add(link);
        capacity += known(link);
      }
    }
    int ranksInside = (int) topology.ranks().values().stream().filter(partOf::containsKey).count();
    return new LimitingCut(parts, crossing, capacity, share, ranksInside);
  }

  /// Returns for each node, also for those that were left out, the number of its part, -1 outside.
  private int[] parts(List<boolean[]> sides) {
    int[] byNumber = new int[sides.getFirst().length];
    Arrays.fill(byNumber, -1);
    for (int i = 0; i < sides.size(); i++) {
      boolean[] side = sides.get(i);
      for (int n = 0; n < side.length; n++) {
        byNumber[n] = side[n] ? i : byNumber[n];
      }
    }
    int[] part = new int[gone.length];
    Arrays.setAll(part, v -> number[v] < 0 ? -1 : byNumber[number[v]]);
    for (Removed each : removed.reversed()) {
      part[each.node()] = each.twin() >= 0 ? part[each.twin()] : bestPart(each, part);
    }
    return part;
  }

  /// Returns the part inside of which a node makes less leave than outside, -1 if there is none.
  private static int bestPart(Removed each, int[] part) {
    Map<Integer, Double> gains = new HashMap<>(); // by part: what would not enter from it any more
    double leaving = 0;
    for (Map.Entry<Integer, Double> link : each.in().entrySet()) {
      gains.merge(part[link.getKey()], link.getValue(), Double::sum);
    }
    for (Map.Entry<Integer, Double> link : each.out().entrySet()) {
      leaving += link.getValue();
      gains.merge(part[link.getKey()], link.getValue(), Double::sum);
    }
    gains.remove(-1);
    int best = -1;
    double most = leaving; // what leaves to other parts and outside must be less than what entered
    for (Map.Entry<Integer, Double> gain : gains.entrySet()) {
      if (gain.getValue() > most) {
        best = gain.getKey();
        most = gain.getValue();
      }
    }
    return best;
  }
}
