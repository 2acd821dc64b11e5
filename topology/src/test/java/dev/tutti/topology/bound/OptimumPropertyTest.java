package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tutti.topology.NodeKind;
import dev.tutti.topology.RandomTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Optimum.Proof;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class OptimumPropertyTest {
  private static final double PER_MILLE = 0.1;

  /// Lines of `optima.txt`, which says how it was made.
  static List<String> optima() throws IOException {
    var in = Objects.requireNonNull(OptimumPropertyTest.class.getResourceAsStream("optima.txt"));
    try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("optima")
  void shouldEqualTheWholeProgram(String line) {
    String[] words = line.split(" ");
    Topology topology = topology(words);

    for (Movement movement : Movement.values()) {
      int column =
          switch (movement) {
            case ALL_REDUCE -> 2;
            case ALL_GATHER -> 3;
            case REDUCE_SCATTER -> 4;
            case BROADCAST -> 5;
            case REDUCE -> 6;
          };
      Optimum optimum =
          movement.isRooted() ? Optimum.of(topology, movement, 0) : Optimum.of(topology, movement);

      assertThat(optimum.proof().isExact()).as("exact %s", movement).isTrue();
      assertThat(optimum.seconds(1e9))
          .as("%s", movement)
          .isCloseTo(Double.parseDouble(words[column]), withinPercentage(PER_MILLE));
      if (optimum.cut() != null) {
        assertThat(optimum.cut().secondsPerByte())
            .as("cut of %s", movement)
            .isCloseTo(optimum.secondsPerByte(), withinPercentage(PER_MILLE));
      }
    }
  }

  private static Topology topology(String[] words) {
    Topology.Builder builder = Topology.builder("graph");
    int ranks = Integer.parseInt(words[0]);
    for (int v = 0; v < Integer.parseInt(words[1]); v++) {
      NodeKind kind = v < ranks ? NodeKind.DEVICE : NodeKind.SWITCH;
      builder.node("" + v, kind, "v" + v, null);
      if (v < ranks) {
        builder.rank(v, "" + v);
      }
    }
    for (String link : Arrays.asList(words).subList(7, words.length)) {
      String[] parts = link.split("[>:]");
      builder.link(Nets.link(parts[0], parts[1], Double.parseDouble(parts[2])));
    }
    return builder.build();
  }

  @Test
  void shouldHaveAnAnswerForAnyTopology() {
    for (int seed = 0; seed < 100; seed++) {
      Topology topology = RandomTopologies.any(seed);

      for (Movement movement : Movement.values()) {
        if (topology.ranks().isEmpty() && movement.isRooted()) {
          continue;
        }
        Optimum optimum =
            movement.isRooted()
                ? Optimum.of(topology, movement, topology.ranks().firstKey())
                : Optimum.of(topology, movement);

        boolean isLimited = optimum.proof() != Proof.NOTHING_KNOWN;
        assertThat(optimum.secondsPerByte() > 0)
            .as("seed %d %s", seed, movement)
            .isEqualTo(isLimited);
        assertThat(Double.isInfinite(optimum.secondsPerByte()))
            .as("seed %d %s", seed, movement)
            .isEqualTo(optimum.proof() == Proof.NO_WAY);
      }
    }
  }
}
