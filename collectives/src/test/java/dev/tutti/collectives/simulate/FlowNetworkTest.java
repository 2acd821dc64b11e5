package dev.tutti.collectives.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class FlowNetworkTest {
  // Two resources of 1 and 2; flow 0 uses both, flow 1 the first, flow 2 the second.
  private static FlowNetwork classic() {
    return new FlowNetwork(
        new double[] {1, 2},
        new double[] {1, 1, 2},
        new int[] {0, 2, 3, 4},
        new int[] {0, 1, 0, 1},
        new double[] {1, 1, 1, 1});
  }

  @Test
  void shouldGiveWhatOthersCannotUse() {
    FlowNetwork network = classic();

    network.begin(0, 10, 0);
    network.begin(1, 10, 0);
    network.begin(2, 10, 0);
    network.settle(0);

    assertThat(network.rate(0)).isCloseTo(0.5, within(1e-12));
    assertThat(network.rate(1)).isCloseTo(0.5, within(1e-12));
    assertThat(network.rate(2)).isCloseTo(1.5, within(1e-12));
    assertThat(network.firstToEnd()).isEqualTo(2);
    assertThat(network.earliestEnd()).isCloseTo(10 / 1.5, within(1e-9));
  }

  @Test
  void shouldCountWhatHasFlowedWhenRatesChange() {
    FlowNetwork network = classic();
    network.begin(0, 1, 0);
    network.settle(0);

    network.begin(1, 1, 0.5); // flow 0 has half of its byte left
    network.settle(0.5);

    assertThat(network.earliestEnd()).isCloseTo(1.5, within(1e-12));
    network.end(network.firstToEnd());
    network.settle(1.5);
    assertThat(network.rate(1)).isCloseTo(1, within(1e-12));
    assertThat(network.earliestEnd()).isCloseTo(2, within(1e-12));
  }

  /// A rate is max-min fair if each flow is at its cap or uses a full resource on which no flow is
  /// faster (Bertsekas, Gallager, section 6.5.2), and no resource carries more than it can.
  @Test
  void shouldBeFairWhenFlowsComeAndGoAtRandom() {
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int resources = 1 + random.nextInt(12);
      int flows = 1 + random.nextInt(30);
      RandomUse use = new RandomUse(random, resources, flows);
      boolean[] active = new boolean[flows];
      double now = 0;
      for (int change = 0; change < 40; change++) {
        now += 1e-3;
        int first = random.nextInt(flows);
        for (int f = first; f < Math.min(flows, first + 1 + random.nextInt(3)); f++) {
          if (active[f]) {
            use.network.end(f);
          } else {
            use.network.begin(f, 1e6, now);
          }
          active[f] ^= true;
        }
        use.network.settle(now);
        use.assertFair(active, "seed " + seed + ", change " + change);
      }
    }
  }

  private static final class RandomUse {
    private final double[][] weight; // [flow][resource], 0 if not used
    private final double[] capacity;
    private final double[] cap;
    private final FlowNetwork network;

    RandomUse(Random random, int resources, int flows) {
      capacity = new double[resources];
      for (int r = 0; r < resources; r++) {
        capacity[r] = 1 + random.nextInt(5);
      }
      weight = new double[flows][resources];
      cap = new double[flows];
      int[] start = new int[flows + 1];
      IntList used = new IntList();
      double[] weights = new double[flows * resources];
      for (int f = 0; f < flows; f++) {
        cap[f] = 4;
        for (int r = 0; r < resources; r++) {
          if (random.nextInt(3) == 0) {
            weight[f][r] = random.nextBoolean() ? 1 : 0.25;
            weights[used.size()] = weight[f][r];
            used.add(r);
            cap[f] = Math.min(cap[f], capacity[r] / weight[f][r]);
          }
        }
        start[f + 1] = used.size();
      }
      int[] resource = new int[used.size()];
      for (int e = 0; e < resource.length; e++) {
        resource[e] = used.get(e);
      }
      network =
          new FlowNetwork(
              capacity, cap, start, resource, java.util.Arrays.copyOf(weights, resource.length));
    }

    void assertFair(boolean[] active, String where) {
      for (int r = 0; r < capacity.length; r++) {
        assertThat(load(active, r)).as(where).isLessThan(capacity[r] * (1 + 1e-6));
      }
      for (int f = 0; f < cap.length; f++) {
        if (active[f] && network.rate(f) < cap[f] * (1 - 1e-6)) {
          assertThat(hasBottleneck(active, f)).as("%s, flow %d", where, f).isTrue();
        }
      }
    }

    private double load(boolean[] active, int resource) {
      double load = 0;
      for (int f = 0; f < cap.length; f++) {
        load += active[f] ? network.rate(f) * weight[f][resource] : 0;
      }
      return load;
    }

    private boolean hasBottleneck(boolean[] active, int flow) {
      for (int r = 0; r < capacity.length; r++) {
        if (weight[flow][r] > 0 && load(active, r) > capacity[r] * (1 - 1e-6)) {
          boolean fastest = true;
          for (int f = 0; f < cap.length; f++) {
            fastest &=
                !active[f]
                    || weight[f][r] == 0
                    || network.rate(f) <= network.rate(flow) * (1 + 1e-6);
          }
          if (fastest) {
            return true;
          }
        }
      }
      return false;
    }
  }
}
