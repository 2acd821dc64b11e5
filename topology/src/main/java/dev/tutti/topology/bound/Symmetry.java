package dev.tutti.topology.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Finds what is alike in a graph: permutations of the nodes that leave the graph as it is.
///
/// Nodes get colours by what they are joined to until no colour splits any more (colour refinement;
/// B. McKay, Practical graph isomorphism, 1981). To take node a to node b, each gets a colour of
/// its own in a copy of the graph, and both copies are refined alike. Colours that are still shared
/// are guessed: each node stays where it is as far as it can, or all move on by as many as have to.
/// A guess counts only if it is checked, link by link, to be a symmetry; so what is found is true,
/// but not everything is found.
final class Symmetry {
  // Links looked at before the search is content with what it has.
  private static final long MOST_WORK = 30_000_000;
  private static final int MOST_MARKS = 40;
  private static final int MOST_FAILURES = 30;

  private enum Guess {
    STAY,
    MOVE_ON
  }

  private final FlowGraph graph;
  private final int[] kind;
  private final Map<Long, Integer> linkByEnds = new HashMap<>();
  private final long[] base;
  private final int[] nodeParent;
  private final int[] linkParent;
  private long work;
  private int failures;

  private Symmetry(FlowGraph graph, int root) {
    this.graph = graph;
    kind = kinds(graph);
    for (int k = 0; k < graph.links(); k++) {
      linkByEnds.put(ends(graph.from(k), graph.to(k)), k);
    }
    nodeParent = IntStream.range(0, graph.nodes()).toArray();
    linkParent = IntStream.range(0, graph.links()).toArray();
    base = new long[graph.nodes()];
    Arrays.setAll(base, v -> 2L * graph.ranks(v) + (v == root ? 1 : 0));
    refine(base);
  }

  /// Returns what is alike.
  ///
  /// @param root a node that is like itself only, or -1
  static Orbits of(FlowGraph graph, int root) {
    Symmetry symmetry = new Symmetry(graph, root);
    symmetry.search();
    return new Orbits(dense(symmetry.nodeParent), dense(symmetry.linkParent));
  }

  /// Numbers capacities, those that differ by rounding alike.
  private static int[] kinds(FlowGraph graph) {
    double[] sorted =
        IntStream.range(0, graph.links()).mapToDouble(graph::capacity).sorted().toArray();
    int[] number = new int[sorted.length];
    for (int i = 1; i < sorted.length; i++) {
      boolean isNew = sorted[i] > sorted[i - 1] * (1 + 1e-9);
      number[i] = number[i - 1] + (isNew ? 1 : 0);
    }
    return IntStream.range(0, graph.links())
        .map(k -> number[Arrays.binarySearch(sorted, graph.capacity(k))])
        .toArray();
  }

  private static long ends(int a, int b) {
    return (long) a << 32 | b;
  }

  private void search() {
    Map<Long, List<Integer>> found = new HashMap<>();
    for (int v = 0; v < base.length; v++) {
      List<Integer> unlike = found.computeIfAbsent(base[v], _ -> new ArrayList<>());
      if (!isLikeOneOf(unlike, v)) {
        unlike.add(v);
      }
    }
  }

  private boolean isLikeOneOf(List<Integer> others, int v) {
    if (others.stream().anyMatch(other -> find(nodeParent, other) == find(nodeParent, v))) {
      return true;
    }
    for (int other : others) {
      if (work > MOST_WORK || failures > MOST_FAILURES) {
        return false;
      }
      int[] permutation = taking(other, v);
      if (permutation != null) {
        merge(permutation);
        return true;
      }
      failures++;
    }
    return false;
  }

  private void merge(int[] permutation) {
    for (int v = 0; v < permutation.length; v++) {
      union(nodeParent, v, permutation[v]);
    }
    for (int k = 0; k < kind.length; k++) {
      union(linkParent, k, image(permutation, k));
    }
  }

  private int image(int[] permutation, int link) {
    return linkByEnds.getOrDefault(
        ends(permutation[graph.from(link)], permutation[graph.to(link)]), -1);
  }

  /// Returns a symmetry that takes one node to another, null if none is found.
  private int @Nullable [] taking(int a, int b) {
    long[] first = base.clone();
    long[] second = base.clone();
    int from = a;
    int to = b;
    for (int mark = 1; mark <= MOST_MARKS && from >= 0; mark++) {
      first[from] = -mark;
      second[to] = -mark;
      if (refine(first) != refine(second)) {
        return null;
      }
      ColourPairs pairs = new ColourPairs(first, second);
      if (!pairs.isAlike()) {
        return null;
      }
      for (Guess guess : Guess.values()) {
        int[] permutation = pairs.permutation(guess == Guess.MOVE_ON);
        if (isSymmetry(permutation)) {
          return permutation;
        }
      }
      int[] next = pairs.open();
      from = next[0];
      to = next[1];
    }
    return null;
  }

  private boolean isSymmetry(int[] permutation) {
    work += kind.length;
    for (int v = 0; v < permutation.length; v++) {
      if (base[permutation[v]] != base[v]) {
        return false;
      }
    }
    for (int k = 0; k < kind.length; k++) {
      int image = image(permutation, k);
      if (image < 0 || kind[image] != kind[k]) {
        return false;
      }
    }
    return true;
  }

  /// Refines colours until no more appear; returns how many there are. Equal graphs with equal
  /// colours get equal colours.
  private int refine(long[] colours) {
    int count = count(colours);
    while (count < colours.length) {
      long[] next = new long[colours.length];
      for (int v = 0; v < next.length; v++) {
        next[v] = mix(colours[v]);
      }
      for (int k = 0; k < kind.length; k++) {
        int a = graph.from(k);
        int b = graph.to(k);
        next[a] += mix(colours[b] + 2L * kind[k] * 0x9E3779B97F4A7C15L);
        next[b] += mix(colours[a] + (2L * kind[k] + 1) * 0xD1B54A32D192ED03L);
      }
      work += kind.length;
      System.arraycopy(next, 0, colours, 0, next.length);
      int more = count(colours);
      if (more == count) {
        break;
      }
      count = more;
    }
    return count;
  }

  private static int count(long[] colours) {
    return (int) Arrays.stream(colours).distinct().count();
  }

  /// Scatters bits (the finisher of MurmurHash3).
  private static long mix(long x) {
    long y = (x ^ x >>> 33) * 0xFF51AFD7ED558CCDL;
    y = (y ^ y >>> 33) * 0xC4CEB9FE1A85EC53L;
    return y ^ y >>> 33;
  }

  private static int find(int[] parent, int v) {
    int root = v;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  private static void union(int[] parent, int a, int b) {
    int first = find(parent, a);
    int second = find(parent, b);
    parent[Math.max(first, second)] = Math.min(first, second);
  }

  private static int[] dense(int[] parent) {
    Map<Integer, Integer> numbers = new HashMap<>();
    return IntStream.range(0, parent.length)
        .map(v -> numbers.computeIfAbsent(find(parent, v), _ -> numbers.size()))
        .toArray();
  }
}
