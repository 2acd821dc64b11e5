package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tutti.topology.Topology;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Optima that are known: from the closed form for ports around a network that is no bottleneck,
/// and from the whole linear program, solved by HiGHS.
final class OptimumTableTest {
  private static final double PER_MILLE = 0.1;

  // Ports in GB/s; seconds for 1 GB.
  @ParameterizedTest
  @CsvSource({
    "1 1 1 1 1 1 1 1, 1.75",
    "1 1 1 1 1 1 1 .875, 1.777778",
    "1 1 1 1 1 1 1 .75, 1.806452",
    "1 1 1 1 1 1 1 .6, 1.842105",
    "1 1 1 1 1 1 1 .5, 2",
    "1 1 1 1 1 1 1 .25, 4",
    "1 1 1 1 1 1 .5 .5, 2",
    "1 1 1 1 .5 .5 .5 .5, 2.333333",
    "4 4 2 2 1 1, 1"
  })
  void shouldEqualTheProgramOnPorts(String ports, double seconds) {
    double[] rates = Arrays.stream(ports.split(" ")).mapToDouble(Double::parseDouble).toArray();

    Optimum optimum = Optimum.of(Nets.star(rates), Movement.ALL_REDUCE);

    assertThat(optimum.proof().isExact()).isTrue();
    assertThat(optimum.seconds(1e9)).isCloseTo(seconds, withinPercentage(PER_MILLE));
  }

  // Missing links; GB/s of all-reduce, and of reduce-scatter and all-gather with equal shares.
  @ParameterizedTest
  @CsvSource({"'', 112, 112", "0-1, 108, 96", "0-1 2-3, 104, 96", "0-1 0-2, 104, 80"})
  void shouldEqualTheProgramOnAMesh(String missing, double best, double equal) {
    Topology mesh = Nets.mesh(8, 28, List.of(missing.split(" ")));

    assertRates(mesh, best, equal);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 8, 160, 50, 50, 112, 112",
    "2, 8, 160, 50, 25, 111.1667, 98.6667",
    "2, 8, 160, 50, .001, 110.3333, 85.3333",
    "4, 2, 10, 25, 25, 20, 20"
  })
  void shouldEqualTheProgramOnIslands(
      int hosts,
      int devices,
      double inner,
      double nic,
      double firstNic,
      double best,
      double equal) {
    assertRates(Nets.islands(hosts, devices, inner, nic, firstNic), best, equal);
  }

  private static void assertRates(Topology topology, double best, double equal) {
    Optimum allReduce = Optimum.of(topology, Movement.ALL_REDUCE);
    Optimum gather = Optimum.of(topology, Movement.ALL_GATHER);
    Optimum scatter = Optimum.of(topology, Movement.REDUCE_SCATTER);

    assertThat(allReduce.proof().isExact()).isTrue();
    assertThat(allReduce.algorithmBytesPerSecond() / 1e9)
        .isCloseTo(best, withinPercentage(PER_MILLE));
    assertThat(1e-9 / (gather.secondsPerByte() + scatter.secondsPerByte()))
        .isCloseTo(equal, withinPercentage(PER_MILLE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void shouldEqualTheClosedFormOnRandomPorts(int seed) {
    Random random = new Random(seed);
    double[] rates = new double[2 + random.nextInt(15)];
    Arrays.setAll(rates, _ -> seed % 2 == 0 ? 1 << random.nextInt(6) : 0.1 + random.nextDouble());

    Optimum optimum = Optimum.of(Nets.star(rates), Movement.ALL_REDUCE);

    double slowest = Arrays.stream(rates).min().orElseThrow();
    double sum = Arrays.stream(rates).sum();
    double expected = Math.max(1 / slowest, 2 * (rates.length - 1) / sum);
    assertThat(optimum.proof().isExact()).isTrue();
    assertThat(optimum.seconds(1e9)).isCloseTo(expected, withinPercentage(PER_MILLE));
  }
}
