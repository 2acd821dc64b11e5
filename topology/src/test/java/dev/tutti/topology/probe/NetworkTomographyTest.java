package dev.tutti.topology.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Networks whose structure nobody tells: it must come out of the rates alone.
final class NetworkTomographyTest {
  private static final double PORT = 100;
  private static final SimulatedNetwork.Noise NOISE =
      new SimulatedNetwork.Noise(0.03, 0.02, 0.4, 0.5);
  private static final SimulatedNetwork.Noise LITTLE_NOISE =
      new SimulatedNetwork.Noise(0.02, 0, 0.1, 0);
  private static final Offset<Double> TEN_PERCENT = within(0.1);

  /// A tree of equal groups with its probers placed at random.
  private record Hidden(int[] rackOf, SimulatedNetwork network, double rackUp, double podUp) {}

  private static Hidden tree(
      int pods, int racks, int hosts, double rackRatio, double podRatio, int seed) {
    int probers = pods * racks * hosts;
    List<Integer> places = new ArrayList<>(IntStream.range(0, probers).boxed().toList());
    Collections.shuffle(places, new Random(seed));
    int nodes = probers + pods * racks + pods + 1;
    int[] parentOf = new int[nodes];
    double[] capacity = new double[nodes];
    double rackUp = hosts * PORT / rackRatio;
    double podUp = racks * rackUp / podRatio;
    int[] rackOf = new int[probers];
    for (int i = 0; i < probers; i++) {
      int prober = places.get(i);
      rackOf[prober] = i / hosts;
      parentOf[prober] = probers + i / hosts;
      capacity[prober] = PORT;
    }
    for (int r = 0; r < pods * racks; r++) {
      parentOf[probers + r] = probers + pods * racks + r / racks;
      capacity[probers + r] = rackUp;
    }
    for (int p = 0; p < pods; p++) {
      parentOf[probers + pods * racks + p] = nodes - 1;
      capacity[probers + pods * racks + p] = pods == 1 ? 1e9 : podUp;
    }
    parentOf[nodes - 1] = -1;
    capacity[nodes - 1] = 1e9;
    SimulatedNetwork network =
        new SimulatedNetwork(probers, parentOf, capacity, capacity.clone(), seed, NOISE);
    return new Hidden(rackOf, network, rackUp, podUp);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 4, 3",
    "2, 4, 8",
    "4, 2, 2",
    "2, 8, 3",
    "2, 8, 8",
    "4, 4, 2",
    "8, 2, 4",
    "4, 8, 2",
    "2, 16, 4",
    "8, 4, 2",
    "4, 3, 3",
    "3, 5, 2.5"
  })
  void shouldFindRacks(int racks, int hosts, double ratio) {
    for (int seed = 0; seed < 3; seed++) {
      Hidden hidden = tree(1, racks, hosts, ratio, 1, seed);

      NetworkMap map = NetworkTomography.explore(racks * hosts, hidden.network());

      assertThat(rightPairs(map.root().innermost(), hidden.rackOf())).isGreaterThanOrEqualTo(0.95);
      assertThat(map.rounds())
          .isEqualTo(hidden.network().rounds())
          .isLessThanOrEqualTo(2 * racks * hosts);
      assertThat(map.root().leaves())
          .allSatisfy(rack -> {
            assertThat(ratio(rack.upBytesPerSecond(), hidden.rackUp())).isCloseTo(1, TEN_PERCENT);
            assertThat(ratio(rack.downBytesPerSecond(), hidden.rackUp())).isCloseTo(1, TEN_PERCENT);
          });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 2, 2, 3, 2",
    "2, 2, 4, 4, 2",
    "4, 2, 2, 2, 2",
    "2, 2, 8, 3, 4",
    "4, 4, 2, 3, 2",
    "4, 2, 4, 4, 2"
  })
  void shouldFindPodsOfRacks(int pods, int racks, int hosts, double rackRatio, double podRatio) {
    for (int seed = 0; seed < 3; seed++) {
      Hidden hidden = tree(pods, racks, hosts, rackRatio, podRatio, seed);
      int probers = pods * racks * hosts;

      NetworkMap map = NetworkTomography.explore(probers, hidden.network());

      assertThat(rightPairs(map.root().innermost(), hidden.rackOf())).isGreaterThanOrEqualTo(0.95);
      assertThat(map.rounds()).isLessThanOrEqualTo(2 * probers);
      assertThat(map.root().levels()).isEqualTo(3);
      assertThat(map.root().parts())
          .hasSize(pods)
          .allSatisfy(pod ->
              assertThat(ratio(pod.upBytesPerSecond(), hidden.podUp())).isCloseTo(1, TEN_PERCENT));
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "8", "17"})
  void shouldSeeOneGroupWhereNothingIsShared(int probers) {
    Hidden hidden = tree(1, 1, probers, 1, 1, probers);

    NetworkMap map = NetworkTomography.explore(probers, hidden.network());

    assertThat(map.root().levels()).isEqualTo(1);
    assertThat(map.root().members()).hasSize(probers);
    assertThat(map.rounds()).isLessThanOrEqualTo(probers);
  }

  @Test
  void shouldNotTakeASlowPortForAGroup() {
    int[] parentOf = {8, 8, 8, 8, 8, 8, 8, 8, -1};
    double[] capacity = {PORT, PORT, PORT, PORT / 10, PORT, PORT, PORT, PORT, 1e9};
    var network = new SimulatedNetwork(8, parentOf, capacity, capacity.clone(), 1, LITTLE_NOISE);

    NetworkMap map = NetworkTomography.explore(8, network);

    assertThat(map.root().levels()).isEqualTo(1);
    assertThat(map.outBytesPerSecond().get(3)).isCloseTo(PORT / 10, within(1.0));
    assertThat(map.inBytesPerSecond().get(4)).isCloseTo(PORT, within(5.0));
  }

  /// A port that sends at half the speed of the others, as TCP shows it: what its host receives
  /// meanwhile is slower, too, because acknowledgements wait behind data. And in some rounds the
  /// machine is busy, and all that is read of them is low.
  @ParameterizedTest
  @CsvSource({"4, 1", "4, 2", "5, 1", "8, 2"})
  void shouldNotTakeASlowPortOrABusyMachineForAnUplink(int probers, int busyRounds) {
    int[] parentOf = new int[probers + 1];
    Arrays.fill(parentOf, probers);
    parentOf[probers] = -1;
    double[] capacity = new double[probers + 1];
    Arrays.fill(capacity, PORT);
    capacity[probers] = 1e9;
    double[] out = capacity.clone();
    int slow = probers - 1;
    out[slow] = PORT / 2;
    for (int seed = 0; seed < 100; seed++) {
      var network = new SimulatedNetwork(probers, parentOf, out, capacity, seed, LITTLE_NOISE);
      Random random = new Random(seed);
      List<Integer> order = new ArrayList<>(IntStream.range(0, probers - 1).boxed().toList());
      Collections.shuffle(order, random);
      List<Integer> busy = order.subList(0, busyRounds);
      int[] round = {0};

      NetworkMap map =
          NetworkTomography.explore(
              probers,
              rounds -> {
                List<double[]> rates = network.run(rounds);
                for (int r = 0; r < rounds.size(); r++, round[0]++) {
                  hamper(rounds.get(r), rates.get(r), slow, busy.contains(round[0]), random);
                }
                return rates;
              });

      assertThat(map.root().levels()).as("seed %d: %s", seed, map.root()).isEqualTo(1);
      assertThat(map.rounds()).isLessThanOrEqualTo(2 * probers);
    }
  }

  private static void hamper(
      List<Flow> flows, double[] rates, int slow, boolean busy, Random random) {
    boolean sends = flows.stream().anyMatch(flow -> flow.from() == slow);
    for (int f = 0; f < rates.length; f++) {
      boolean waits = sends && flows.get(f).to() == slow;
      rates[f] *= waits ? 0.5 + random.nextDouble() / 2 : 1;
      rates[f] *= busy ? 0.5 + random.nextDouble() / 4 : 1;
    }
  }

  @Test
  void shouldTellDirectionsApart() {
    // A rack of four whose uplink carries 200 out and 100 in.
    int[] parentOf = {8, 8, 8, 8, 9, 9, 9, 9, 10, 10, -1};
    double[] up = new double[11];
    Arrays.fill(up, PORT);
    double[] down = up.clone();
    up[8] = 2 * PORT;
    down[8] = PORT;
    up[9] = 1e9;
    down[9] = 1e9;
    up[10] = 1e9;
    down[10] = 1e9;
    var network = new SimulatedNetwork(8, parentOf, up, down, 1, LITTLE_NOISE);

    NetworkMap map = NetworkTomography.explore(8, network);

    assertThat(map.root().innermost()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
    NetworkGroup rack = map.root().leaves().getFirst();
    assertThat(ratio(rack.upBytesPerSecond(), 2 * PORT)).isCloseTo(1, TEN_PERCENT);
    assertThat(ratio(rack.downBytesPerSecond(), PORT)).isCloseTo(1, TEN_PERCENT);
  }

  @Test
  void shouldSurviveADeadNetwork() {
    NetworkMap map =
        NetworkTomography.explore(
            5, rounds -> rounds.stream().map(flows -> new double[flows.size()]).toList());

    assertThat(map.root().levels()).isEqualTo(1);
    assertThat(map.outBytesPerSecond()).containsOnly(0.0);
  }

  /// Returns which part of all pairs is together or apart as in truth.
  private static double rightPairs(int[] found, int[] truth) {
    int right = 0;
    int all = 0;
    for (int a = 0; a < truth.length; a++) {
      for (int b = a + 1; b < truth.length; b++) {
        right += (found[a] == found[b]) == (truth[a] == truth[b]) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  private static double ratio(@Nullable Double measured, double truth) {
    assertThat(measured).isNotNull();
    return measured == null ? 0 : measured / truth;
  }
}
