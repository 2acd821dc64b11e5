package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Agglomerative clustering with average linkage (Sokal and Michener 1958).
final class Clusters {
  private Clusters() {}

  /// Returns every cut of the tree: from each item alone to all together.
  ///
  /// @param distance symmetric, by item and item
  /// @return for each cut the number of every item's cluster, numbered by first items
  static List<int[]> cuts(double[][] distance) {
    int n = distance.length;
    List<List<Integer>> clusters = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      clusters.add(new ArrayList<>(List.of(i)));
    }
    List<int[]> cuts = new ArrayList<>();
    cuts.add(numbers(clusters, n));
    while (clusters.size() > 1) {
      int[] pair = nearest(clusters, distance);
      clusters.get(pair[0]).addAll(clusters.remove(pair[1]));
      cuts.add(numbers(clusters, n));
    }
    return cuts;
  }

  private static int[] nearest(List<List<Integer>> clusters, double[][] distance) {
    int[] best = {0, 1};
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < clusters.size(); i++) {
      for (int j = i + 1; j < clusters.size(); j++) {
        double d = average(clusters.get(i), clusters.get(j), distance);
        if (d < least) {
          least = d;
          best = new int[] {i, j};
        }
      }
    }
    return best;
  }

  private static double average(List<Integer> a, List<Integer> b, double[][] distance) {
    double sum = 0;
    for (int i : a) {
      for (int j : b) {
        sum += distance[i][j];
      }
    }
    return sum / (a.size() * b.size());
  }

  private static int[] numbers(List<List<Integer>> clusters, int items) {
    int[] numbers = new int[items];
    Arrays.fill(numbers, -1);
    for (int c = 0; c < clusters.size(); c++) {
      for (int item : clusters.get(c)) {
        numbers[item] = c;
      }
    }
    return GroupSearch.numbered(numbers);
  }
}
