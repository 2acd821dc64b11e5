package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// A tree of switches in which flows share links fairly, with noise: flows that compete differ, and
/// every reading is off by a few percent.
final class SimulatedNetwork implements FlowProber {
  private static final double EPSILON = 1e-12;

  private final int[] parentOf; // of probers and switches, -1 for the root
  private final double[] up;
  private final double[] down;
  private final int probers;
  private final Random random;
  private final double readingNoise;
  private final double unfairness;
  private int rounds;

  /// Makes a network.
  ///
  /// @param parentOf probers come first, then switches
  /// @param up capacity from each node to its parent
  /// @param down capacity from its parent to each node
  SimulatedNetwork(
      int probers,
      int[] parentOf,
      double[] up,
      double[] down,
      long seed,
      double readingNoise,
      double unfairness) {
    this.probers = probers;
    this.parentOf = parentOf;
    this.up = up;
    this.down = down;
    this.random = new Random(seed);
    this.readingNoise = readingNoise;
    this.unfairness = unfairness;
  }

  int rounds() {
    return rounds;
  }

  @Override
  public List<double[]> run(List<List<Flow>> batch) {
    List<double[]> result = new ArrayList<>();
    for (List<Flow> flows : batch) {
      boolean[] sends = new boolean[probers];
      boolean[] receives = new boolean[probers];
      for (Flow flow : flows) {
        if (sends[flow.from()] || receives[flow.to()]) {
          throw new AssertionError("a prober has two flows of one direction in a round");
        }
        sends[flow.from()] = true;
        receives[flow.to()] = true;
      }
      result.add(noisy(fair(flows)));
      rounds++;
    }
    return result;
  }

  private double[] noisy(double[] rates) {
    return Arrays.stream(rates)
        .map(r -> r * (1 - Math.abs(random.nextGaussian()) * readingNoise))
        .toArray();
  }

  /// Progressive filling with weights.
  private double[] fair(List<Flow> flows) {
    int n = flows.size();
    double[] weight = new double[n];
    List<int[]> paths = new ArrayList<>();
    for (int f = 0; f < n; f++) {
      weight[f] = Math.exp(random.nextGaussian() * unfairness);
      paths.add(path(flows.get(f)));
    }
    double[] left = new double[2 * parentOf.length];
    for (int v = 0; v < parentOf.length; v++) {
      left[2 * v] = up[v];
      left[2 * v + 1] = down[v];
    }
    double[] rate = new double[n];
    boolean[] frozen = new boolean[n];
    while (true) {
      double[] demand = new double[left.length];
      for (int f = 0; f < n; f++) {
        if (!frozen[f]) {
          for (int link : paths.get(f)) {
            demand[link] += weight[f];
          }
        }
      }
      double step = Double.POSITIVE_INFINITY;
      for (int l = 0; l < left.length; l++) {
        if (demand[l] > 0) {
          step = Math.min(step, left[l] / demand[l]);
        }
      }
      if (step == Double.POSITIVE_INFINITY) {
        return rate;
      }
      for (int l = 0; l < left.length; l++) {
        left[l] -= step * demand[l];
      }
      for (int f = 0; f < n; f++) {
        if (!frozen[f]) {
          rate[f] += step * weight[f];
          for (int link : paths.get(f)) {
            frozen[f] |= left[link] <= EPSILON * Math.max(1, up[0]);
          }
        }
      }
    }
  }

  private int[] path(Flow flow) {
    List<Integer> fromAncestors = ancestors(flow.from());
    List<Integer> toAncestors = ancestors(flow.to());
    List<Integer> links = new ArrayList<>();
    for (int v : fromAncestors) {
      if (toAncestors.contains(v)) {
        break;
      }
      links.add(2 * v);
    }
    for (int v : toAncestors) {
      if (fromAncestors.contains(v)) {
        break;
      }
      links.add(2 * v + 1);
    }
    return links.stream().mapToInt(Integer::intValue).toArray();
  }

  private List<Integer> ancestors(int node) {
    List<Integer> result = new ArrayList<>();
    for (int v = node; v >= 0; v = parentOf[v]) {
      result.add(v);
    }
    return result;
  }
}
