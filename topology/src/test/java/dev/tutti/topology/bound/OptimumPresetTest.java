package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Link;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Optimum.Proof;
import dev.tutti.topology.preset.Preset;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class OptimumPresetTest {
  static List<Preset> presets() {
    return Presets.all();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void shouldBeExactForEveryKnownMachine(Preset preset) {
    for (int hosts : new int[] {2, 10}) {
      Topology topology = preset.make(PresetOptions.ofHosts(hosts));

      Optimum gather = Optimum.of(topology, Movement.ALL_GATHER);
      Optimum reduce = Optimum.of(topology, Movement.ALL_REDUCE);

      assertThat(gather.proof()).isEqualTo(Proof.CUT);
      assertThat(reduce.proof().isExact()).isTrue();
      assertThat(reduce.secondsPerByte())
          .isLessThanOrEqualTo(2 * gather.secondsPerByte() * 1.0001)
          .isGreaterThan(gather.secondsPerByte());
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void shouldBeExactWithOneSlowNic(Preset preset) {
    Topology healthy = preset.make(PresetOptions.ofHosts(6));
    Link slow =
        healthy.links().stream().filter(link -> link.kind().isNetwork()).findFirst().orElseThrow();
    Topology.Builder builder = healthy.toBuilder();
    builder.links(
        healthy.links().stream()
            .map(link -> joins(link, slow) ? link.withMeasured(Measurement.ofRate(1e8)) : link)
            .toList());
    Topology sick = builder.build();

    Optimum reduce = Optimum.of(sick, Movement.ALL_REDUCE);

    // Never more than the pair of all-gather and reduce-scatter, and never less than unhurt.
    assertThat(reduce.proof().isExact()).isTrue();
    assertThat(reduce.secondsPerByte())
        .isLessThanOrEqualTo(2 * Optimum.of(sick, Movement.ALL_GATHER).secondsPerByte() * 1.0001)
        .isGreaterThanOrEqualTo(Optimum.of(healthy, Movement.ALL_REDUCE).secondsPerByte() * 0.9999);
  }

  private static boolean joins(Link link, Link other) {
    return (link.from().equals(other.from()) && link.to().equals(other.to()))
        || (link.from().equals(other.to()) && link.to().equals(other.from()));
  }

  // 32 ranks and no two links alike: too much for a proof.
  @Test
  void shouldGiveABoundWhereItWouldTakeTooLong() {
    Topology known = Presets.byName("hgx-h800").make(PresetOptions.ofHosts(4));
    Random random = new Random(1);
    Topology.Builder builder = known.toBuilder();
    builder.links(known.links().stream().map(link -> jitter(link, random)).toList());

    Optimum optimum = Optimum.of(builder.build(), Movement.ALL_REDUCE);

    assertThat(optimum.proof()).isEqualTo(Proof.LOWER_BOUND);
    assertThat(Objects.requireNonNull(optimum.cut()).secondsPerByte())
        .isCloseTo(optimum.secondsPerByte(), within(optimum.secondsPerByte() * 1e-3));
    assertThat(optimum.secondsPerByte())
        .isGreaterThan(Optimum.of(known, Movement.ALL_REDUCE).secondsPerByte());
  }

  private static Link jitter(Link link, Random random) {
    Double rate = link.bestKnownBytesPerSecond();
    return rate == null
        ? link
        : link.withMeasured(Measurement.ofRate(rate * (0.8 + 0.2 * random.nextDouble())));
  }
}
