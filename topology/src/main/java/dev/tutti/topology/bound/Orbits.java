package dev.tutti.topology.bound;

import java.util.Arrays;

/// Which nodes and links of a graph are alike: a symmetry of the graph takes one to the other.
///
/// @param node orbit of each node, counted from 0
/// @param link orbit of each link, counted from 0
record Orbits(int[] node, int[] link) {
  int nodeOrbits() {
    return 1 + Arrays.stream(node).max().orElse(-1);
  }

  int linkOrbits() {
    return 1 + Arrays.stream(link).max().orElse(-1);
  }

  /// Returns the first of each orbit among some nodes.
  int[] representatives(int[] nodes) {
    boolean[] seen = new boolean[node.length];
    return Arrays.stream(nodes)
        .filter(v -> {
          boolean isNew = !seen[node[v]];
          seen[node[v]] = true;
          return isNew;
        })
        .toArray();
  }
}
