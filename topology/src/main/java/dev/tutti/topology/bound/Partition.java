package dev.tutti.topology.bound;

import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Disjoint sets of nodes of a graph, its parts, each with ranks inside; and what leads out of and
/// into them.
final class Partition {
  /// A node of no part.
  private static final int NONE = -1;

  private final FlowGraph graph;
  private final int[] part;
  private final int count;
  private final double[] exit;
  private final double[] entry;
  private double across;
  private double away;
  private double back;

  /// @param part of each node, counted from 0 without gaps, -1 outside of all
  Partition(FlowGraph graph, int[] part) {
    this.graph = graph;
    this.part = part;
    count = 1 + Arrays.stream(part).max().orElse(NONE);
    exit = new double[count];
    entry = new double[count];
    for (int k = 0; k < graph.links(); k++) {
      int a = part[graph.from(k)];
      int b = part[graph.to(k)];
      if (a == b) {
        continue;
      }
      double capacity = graph.capacity(k);
      if (a != NONE) {
        exit[a] += capacity;
      }
      if (b != NONE) {
        entry[b] += capacity;
      }
      across += a != NONE && b != NONE ? capacity : 0;
      away += b == NONE ? capacity : 0;
      back += a == NONE ? capacity : 0;
    }
  }

  /// Returns the partitions that people would look at first: every rank node by itself; and the
  /// boxes (hosts, racks, super-pods) that are equally deep.
  static List<Partition> natural(Topology topology, GraphReduction reduction, FlowGraph graph) {
    List<Partition> partitions = new ArrayList<>();
    int[] alone = new int[graph.nodes()];
    Arrays.fill(alone, NONE);
    for (int i = 0; i < graph.rankNodes().length; i++) {
      alone[graph.rankNodes()[i]] = i;
    }
    partitions.add(new Partition(graph, alone));
    List<int[]> byDepth = new ArrayList<>();
    Map<String, Integer> numbers = new HashMap<>();
    for (Node node : topology.nodes()) {
      int v = reduction.numberOf(node.id());
      List<String> above = above(topology, node);
      for (int depth = 0; v >= 0 && depth < above.size(); depth++) {
        if (byDepth.size() <= depth) {
          byDepth.add(new int[graph.nodes()]);
        }
        int box = 1 + numbers.computeIfAbsent(above.get(depth), _ -> numbers.size());
        int[] boxes = byDepth.get(depth);
        // What several boxes share is in none of them.
        boxes[v] = boxes[v] == 0 || boxes[v] == box ? box : -1;
      }
    }
    byDepth.forEach(boxes -> partitions.add(new Partition(graph, withRanks(graph, boxes))));
    return partitions;
  }

  private static List<String> above(Topology topology, Node node) {
    List<String> above = new ArrayList<>();
    for (String id = node.parent(); id != null; id = topology.node(id).parent()) {
      above.addFirst(id);
    }
    return above;
  }

  /// Numbers the boxes that hold ranks.
  private static int[] withRanks(FlowGraph graph, int[] boxes) {
    Map<Integer, Integer> numbers = new HashMap<>();
    for (int v : graph.rankNodes()) {
      if (boxes[v] > 0) {
        numbers.putIfAbsent(boxes[v], numbers.size());
      }
    }
    return Arrays.stream(boxes).map(box -> numbers.getOrDefault(box, NONE)).toArray();
  }

  int count() {
    return count;
  }

  /// Returns the capacity of what leads out of a part.
  double exit(int index) {
    return exit[index];
  }

  /// Returns the capacity of what leads into a part.
  double entry(int index) {
    return entry[index];
  }

  /// Returns the most that can leave the parts while as much comes back to them from outside of all
  /// as goes there, which is where nothing is kept.
  double crossing() {
    return across + Math.min(away, back);
  }

  /// Tells whether ranks are outside of a part.
  boolean isProper(int index) {
    return Arrays.stream(graph.rankNodes()).anyMatch(v -> part[v] != index);
  }

  /// Returns the part, or what is outside of one, that needs longest to send away what is held in
  /// it.
  ///
  /// @param shares of the buffer that each of [FlowGraph#rankNodes] holds
  boolean[] worst(double[] shares) {
    double[] held = new double[count];
    for (int i = 0; i < shares.length; i++) {
      int index = part[graph.rankNodes()[i]];
      if (index != NONE) {
        held[index] += shares[i];
      }
    }
    double longest = 0;
    boolean[] worst = new boolean[part.length];
    for (int i = 0; i < count; i++) {
      double out = held[i] == 0 ? 0 : held[i] / exit[i];
      double in = held[i] == 1 ? 0 : (1 - held[i]) / entry[i];
      if (Math.max(out, in) > longest && isProper(i)) {
        longest = Math.max(out, in);
        worst = out >= in ? inside(i) : outside(i);
      }
    }
    return worst;
  }

  /// Returns the nodes of a part.
  boolean[] inside(int index) {
    boolean[] side = new boolean[part.length];
    IntStream.range(0, part.length).forEach(v -> side[v] = part[v] == index);
    return side;
  }

  /// Returns the nodes that are not of a part.
  boolean[] outside(int index) {
    boolean[] side = new boolean[part.length];
    IntStream.range(0, part.length).forEach(v -> side[v] = part[v] != index);
    return side;
  }

  /// Returns the nodes of all parts.
  List<boolean[]> parts() {
    return IntStream.range(0, count).mapToObj(this::inside).toList();
  }
}
