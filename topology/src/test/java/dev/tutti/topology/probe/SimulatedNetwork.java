package dev.tutti.topology.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// A tree of switches in which flows share links fairly, with noise: flows that compete differ, and
/// every reading is off by a few percent. A cable between switches that several flows fill in both
/// directions carries less in one of them, as TCP does where acknowledgements wait behind data.
final class SimulatedNetwork implements FlowProber {
  private static final double EPSILON = 1e-12;

  private final int[] parentOf; // of probers and switches, -1 for the root
  private final double[] up;
  private final double[] down;
  private final int probers;
  private final Random random;
  private final Noise noise;
  private int rounds;

  /// What is not as it should be.
  ///
  /// @param reading how much lower than the rate a reading is, a standard deviation
  /// @param stalls part of the readings that are low by up to a half, because a machine was busy
  /// @param unfairness how much the shares of competing flows differ
  /// @param twoWayLoss most that a cable loses that is full in both directions
  record Noise(double reading, double stalls, double unfairness, double twoWayLoss) {}

  /// Makes a network.
  ///
  /// @param parentOf probers come first, then switches
  /// @param up capacity from each node to its parent
  /// @param down capacity from its parent to each node
  SimulatedNetwork(
      int probers, int[] parentOf, double[] up, double[] down, long seed, Noise noise) {
    this.probers = probers;
    this.parentOf = parentOf;
    this.up = up;
    this.down = down;
    this.random = new Random(seed);
    this.noise = noise;
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
      result.add(noisy(fair(flows, hampered(flows))));
      rounds++;
    }
    return result;
  }

  private double[] noisy(double[] rates) {
    return Arrays.stream(rates)
        .map(r -> r * (1 - Math.abs(random.nextGaussian()) * noise.reading()))
        .map(r -> random.nextDouble() < noise.stalls() ? r * (1 - random.nextDouble() / 2) : r)
        .toArray();
  }

  /// Returns which part of its capacity each link can use.
  private double[] hampered(List<Flow> flows) {
    int[] crossing = new int[2 * parentOf.length];
    for (Flow flow : flows) {
      for (int link : path(flow)) {
        crossing[link]++;
      }
    }
    double[] part = new double[crossing.length];
    Arrays.fill(part, 1);
    for (int v = probers; v < parentOf.length; v++) {
      if (crossing[2 * v] > 1 && crossing[2 * v + 1] > 1) {
        part[2 * v + random.nextInt(2)] = 1 - random.nextDouble() * noise.twoWayLoss();
      }
    }
    return part;
  }

  /// Progressive filling with weights.
  private double[] fair(List<Flow> flows, double[] part) {
    int n = flows.size();
    double[] weight = new double[n];
    List<int[]> paths = new ArrayList<>();
    for (int f = 0; f < n; f++) {
      weight[f] = Math.exp(random.nextGaussian() * noise.unfairness());
      paths.add(path(flows.get(f)));
    }
    double[] left = new double[2 * parentOf.length];
    for (int v = 0; v < parentOf.length; v++) {
      left[2 * v] = up[v] * part[2 * v];
      left[2 * v + 1] = down[v] * part[2 * v + 1];
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
