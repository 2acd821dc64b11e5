package dev.tutti.topology.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.bound.Optimum.Proof;
import dev.tutti.topology.preset.PresetOptions;
import dev.tutti.topology.preset.Presets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OptimumTest {
  @Test
  void shouldBeBoundByThePortsWhenTheCoreIsNot() {
    Optimum optimum = Optimum.of(Nets.star(1, 1, 1, 1, 1, 1, 1, 1), Movement.ALL_GATHER);

    // Each rank receives 7/8 of all through its port.
    assertThat(optimum.seconds(8e9)).isCloseTo(7.0, within(1e-6));
    assertThat(optimum.busBytesPerSecond()).isCloseTo(1e9, within(1.0));
    assertThat(optimum.proof()).isEqualTo(Proof.CUT);
  }

  @Test
  void shouldNameTheSlowPort() {
    Optimum optimum = Optimum.of(Nets.star(1, 1, 1, .5, 1, 1, 1, 1), Movement.ALL_GATHER);

    assertThat(cut(optimum).crossing()).extracting(Link::to).containsExactly("r3");
    assertThat(cut(optimum).secondsPerByte()).isCloseTo(optimum.secondsPerByte(), within(1e-15));
    assertThat(optimum.seconds(8e9)).isCloseTo(14.0, within(1e-6));
  }

  @Test
  void shouldNameTheLinksThatLeaveTheSlowPortWhenAddingUp() {
    Optimum optimum = Optimum.of(Nets.star(1, 1, 1, .5), Movement.REDUCE_SCATTER);

    assertThat(cut(optimum).crossing()).extracting(Link::from).containsExactly("r3");
    assertThat(cut(optimum).inside()).containsExactly("r3");
    assertThat(cut(optimum).share()).isCloseTo(.75, within(1e-9));
  }

  @Test
  void shouldNameAllPortsWhenAllLimitAnAllReduce() {
    Optimum optimum = Optimum.of(Nets.star(1, 1, 1, .8), Movement.ALL_REDUCE);

    assertThat(cut(optimum).parts()).hasSize(4);
    assertThat(cut(optimum).crossing()).extracting(Link::to).containsOnly("s").hasSize(4);
    assertThat(cut(optimum).share()).isEqualTo(6);
    assertThat(optimum.seconds(1e9)).isCloseTo(6 / 3.8, within(1e-6));
  }

  @Test
  void shouldNameOnePortWhenItLimitsAnAllReduce() {
    Optimum optimum = Optimum.of(Nets.star(1, 1, 1, .25), Movement.ALL_REDUCE);

    assertThat(cut(optimum).crossing()).extracting(Link::from).containsExactly("r3");
    assertThat(optimum.seconds(1e9)).isCloseTo(4, within(1e-6));
  }

  @Test
  void shouldNameTheTrunkOfARack() {
    Topology racks = Presets.byName("ethernet-racks").make(new PresetOptions(8, 4, 8, 125e6));

    Optimum optimum = Optimum.of(racks, Movement.ALL_GATHER);

    assertThat(optimum.proof().isExact()).isTrue();
    assertThat(cut(optimum).crossing())
        .singleElement()
        .satisfies(link -> assertThat(link.kind()).isEqualTo(LinkKind.ETHERNET));
    assertThat(cut(optimum).bytesPerSecond()).isEqualTo(62.5e6);
    assertThat(cut(optimum).ranksInside()).isEqualTo(4);
  }

  @Test
  void shouldPreferWhatWasMeasured() {
    Topology healthy = Nets.star(100, 100, 100, 100);
    Topology.Builder sick = healthy.toBuilder();
    sick.links(
        healthy.links().stream()
            .map(link -> link.from().equals("r2") ? link.withMeasured(Measurement.ofRate(5)) : link)
            .toList());

    LimitingCut cut = cut(Optimum.of(sick.build(), Movement.ALL_GATHER));

    assertThat(cut.inside()).containsExactly("r2");
    assertThat(cut.bytesPerSecond()).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(Movement.class)
  void shouldBeUnlimitedWhenNothingIsKnown(Movement movement) {
    Topology topology = pair(null, null);

    Optimum optimum = of(topology, movement);

    assertThat(optimum.proof()).isEqualTo(Proof.NOTHING_KNOWN);
    assertThat(optimum.seconds(1e9)).isZero();
    assertThat(optimum.cut()).isNull();
    assertThat(optimum.isLimited()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Movement.class)
  void shouldSayWhenThereIsNoWay(Movement movement) {
    Topology topology = pair(5.0, 0.0);

    Optimum optimum = of(topology, movement);

    boolean isPossible = movement == Movement.BROADCAST;
    assertThat(optimum.proof()).isEqualTo(isPossible ? Proof.CUT : Proof.NO_WAY);
    assertThat(optimum.secondsPerByte()).isEqualTo(isPossible ? 2e-10 : Double.POSITIVE_INFINITY);
    assertThat(cut(optimum).crossing()).hasSize(isPossible ? 1 : 0);
    assertThat(optimum.seconds(0)).isZero();
  }

  private static Topology pair(@Nullable Double there, @Nullable Double back) {
    return Topology.builder("pair")
        .node("a", NodeKind.HOST, "a", null)
        .node("b", NodeKind.HOST, "b", null)
        .link(Nets.link("a", "b", there))
        .link(Nets.link("b", "a", back))
        .rank(0, "a")
        .rank(1, "b")
        .build();
  }

  @Test
  void shouldTakeRanksOfOneNodeTogether() {
    Topology star = Nets.star(1, 1, 1);
    Topology crowded = star.toBuilder().rank(3, "r0").rank(4, "r0").build();

    Optimum gather = Optimum.of(crowded, Movement.ALL_GATHER);
    Optimum reduce = Optimum.of(crowded, Movement.ALL_REDUCE);

    // What r1 misses; and ranks of one node add up before they send.
    assertThat(gather.seconds(1e9)).isCloseTo(4.0 / 5, within(1e-6));
    assertThat(reduce.seconds(1e9)).isCloseTo(4.0 / 3, within(1e-6));
    assertThat(reduce.ranks()).isEqualTo(5);
  }

  @Test
  void shouldAddParallelLinks() {
    Topology.Builder two = pair(1.0, 1.0).toBuilder();
    two.link(Nets.link("a", "b", 2.0)).link(Nets.link("b", "a", 2.0));

    Optimum optimum = Optimum.of(two.build(), Movement.ALL_REDUCE);

    assertThat(optimum.seconds(3e9)).isCloseTo(1, within(1e-9));
    assertThat(cut(optimum).crossing()).hasSize(2);
  }

  @Test
  void shouldCountTheSlowerDirectionOfAnAllReduce() {
    Optimum optimum = Optimum.of(pair(4.0, 1.0), Movement.ALL_REDUCE);

    assertThat(optimum.seconds(1e9)).isCloseTo(1, within(1e-6));
    assertThat(cut(optimum).crossing()).extracting(Link::from).containsExactly("b");
  }

  @Test
  void shouldBroadcastAtTheRateOfTheWorstWay() {
    Topology star = Nets.star(4, 2, 1);

    assertThat(Optimum.of(star, Movement.BROADCAST, 0).seconds(1e9)).isCloseTo(1, within(1e-9));
    assertThat(Optimum.of(Nets.mesh(4, 1, List.of()), Movement.REDUCE, 2).seconds(3e9))
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void shouldNotMultiplyDataInASwitch() {
    // The root's port has room for one copy only, and the others cannot pass it on.
    Topology.Builder builder = Nets.star(1, 1, 1).toBuilder();
    builder.links(
        builder.links().stream()
            .filter(link -> link.from().equals("r0") || link.to().startsWith("r"))
            .toList());

    Optimum optimum = Optimum.of(builder.build(), Movement.BROADCAST, 0);

    assertThat(optimum.proof()).isEqualTo(Proof.LINEAR_PROGRAM);
    assertThat(optimum.seconds(1e9)).isCloseTo(2, within(1e-6));
    assertThat(optimum.cut()).isNull();
  }

  @Test
  void shouldNameTheNicsWhenTheInsideIsFaster() {
    Topology topology = Presets.byName("hgx-h800").make(new PresetOptions(2, 0, 1, 12.5e9));

    LimitingCut cut = cut(Optimum.of(topology, Movement.ALL_GATHER));

    assertThat(cut.ranksInside()).isEqualTo(8);
    assertThat(cut.bytesPerSecond()).isCloseTo(8 * 12.5e9, within(1.0));
  }

  @Test
  void shouldPassOverLinksOfWhichNothingIsKnown() {
    Topology topology = Presets.byName("ascend-910b").make(PresetOptions.ofHosts(1));

    Optimum optimum = Optimum.of(topology, Movement.ALL_GATHER);

    // Each device receives from seven others at 28 GB/s, and over PCI Express.
    assertThat(cut(optimum).ranksInside()).isEqualTo(7);
    assertThat(optimum.busBytesPerSecond()).isGreaterThan(7 * 28e9);
  }

  @Test
  void shouldWantARootWhereThereIsOne() {
    Topology star = Nets.star(1, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimum.of(star, Movement.BROADCAST))
        .withMessage("broadcast needs a root");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimum.of(star, Movement.ALL_REDUCE, 0))
        .withMessage("all-reduce has no root");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Optimum.of(star, Movement.REDUCE, 7))
        .withMessage("rank 7 has no place in topology 'star'");
  }

  private static Optimum of(Topology topology, Movement movement) {
    return movement.isRooted() ? Optimum.of(topology, movement, 0) : Optimum.of(topology, movement);
  }

  private static LimitingCut cut(Optimum optimum) {
    return Objects.requireNonNull(optimum.cut());
  }
}
