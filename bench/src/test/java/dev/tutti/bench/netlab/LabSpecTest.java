package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import dev.tutti.bench.netlab.LabSpec.Tree;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LabSpecTest {
  private static final BitRate GIGABIT = BitRate.parse("1gbit");

  @Test
  void shouldKnowTheScenarios() {
    LabSpec uniform = LabSpec.of(Scenario.UNIFORM, Changes.NONE);
    LabSpec slow = LabSpec.of(Scenario.SLOW, Changes.NONE);
    LabSpec racks = LabSpec.of(Scenario.RACKS, Changes.NONE);

    assertThat(uniform.rates()).isEqualTo(Collections.nCopies(4, GIGABIT));
    assertThat(uniform.rackCount()).isEqualTo(1);
    assertThat(uniform.trunk()).isNull();
    assertThat(slow.rates()).last().hasToString("100mbit");
    assertThat(racks.racks()).containsExactly(0, 0, 1, 1);
    assertThat(racks.trunk()).hasToString("200mbit");
  }

  @Test
  void shouldTakeChanges() {
    Changes changes =
        new Changes(
            5, BitRate.parse("2gbit"), BitRate.parse("50mbit"), BitRate.parse("1mbit"), "cubic");

    LabSpec lab = LabSpec.of(Scenario.UNIFORM, changes);

    assertThat(lab.racks()).containsExactly(0, 0, 0, 1, 1);
    assertThat(lab.rates()).last().hasToString("1mbit");
    assertThat(lab.congestion()).isEqualTo("cubic");
    assertThat(lab.between(0, 1)).hasToString("2gbit");
    assertThat(lab.between(0, 3)).hasToString("50mbit");
    assertThat(lab.between(3, 4)).hasToString("1mbit");
  }

  @ParameterizedTest
  @EnumSource
  void shouldSurviveItsDescription(Scenario scenario) {
    LabSpec lab = LabSpec.of(scenario, new Changes(LabSpec.MAX_HOSTS, null, null, null, "cubic"));

    assertThat(LabSpec.decode(lab.encode())).isEqualTo(lab);
    assertThat(Lab.describe(lab, new Subnet(255))).hasSizeLessThan(256);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 65})
  void shouldRefuseTooFewAndTooManyHosts(int hosts) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabSpec.of(Scenario.UNIFORM, new Changes(hosts, null, null, null, null)))
        .withMessage("a lab has 2 to 64 hosts, but " + hosts + " are asked for");
  }

  @Test
  void shouldRefuseWhatDoesNotFitTogether() {
    List<BitRate> rates = List.of(GIGABIT, GIGABIT);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabSpec(Scenario.UNIFORM, rates, List.of(1, 0), GIGABIT, null))
        .withMessage("racks must be numbered by their first hosts, but they are [1, 0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabSpec(Scenario.UNIFORM, rates, List.of(0, 1), null, null))
        .withMessage("a trunk joins racks: there must be both or none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabSpec(Scenario.UNIFORM, rates, List.of(0, 0), null, "x; y"))
        .withMessage("'x; y' is not the name of a congestion control");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "rates=1gbit racks=0,0",
        "scenario=moon rates=1gbit racks=0",
        "scenario=pods rates=1gbit*x racks=0",
        "scenario=pods rates=1gbit*2 racks=!0",
        "scenario=pods rates=1gbit*2 racks="
      })
  void shouldRefuseOtherDescriptions(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> LabSpec.decode(text));
  }

  private static Changes tree(
      int hosts, int racks, @Nullable Integer pods, @Nullable Long shuffle) {
    return new Changes(hosts, null, null, null, null, new Tree(racks, pods, null, shuffle));
  }

  @Test
  void shouldDistributeHostsOverRacksAndRacksOverPods() {
    LabSpec lab = LabSpec.of(Scenario.UNIFORM, tree(8, 4, 2, null));

    assertThat(lab.racks()).containsExactly(0, 0, 1, 1, 2, 2, 3, 3);
    assertThat(lab.pods()).containsExactly(0, 0, 1, 1);
    assertThat(lab.podTrunk()).hasToString("200mbit");
    assertThat(lab.isTree()).isTrue();
    assertThat(lab.ring()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void shouldKnowWhatLiesBetweenHostsOfPods() {
    BitRate trunk = BitRate.parse("300mbit");
    BitRate podTrunk = BitRate.parse("40mbit");
    Changes changes = new Changes(8, null, trunk, null, null, new Tree(null, 2, podTrunk, null));

    LabSpec lab = LabSpec.of(Scenario.UNIFORM, changes);

    assertThat(lab.rackCount()).isEqualTo(4);
    assertThat(lab.between(0, 1)).isEqualTo(GIGABIT);
    assertThat(lab.between(0, 2)).isEqualTo(trunk);
    assertThat(lab.between(0, 7)).isEqualTo(podTrunk);
  }

  @Test
  void shouldHideHostsInRacksOfTheSameSize() {
    LabSpec lab = LabSpec.of(Scenario.UNIFORM, tree(16, 4, 2, 7L));

    assertThat(lab).isEqualTo(LabSpec.of(Scenario.UNIFORM, tree(16, 4, 2, 7L)));
    assertThat(lab.racks()).isNotEqualTo(lab.racks().stream().sorted().toList());
    for (int rack = 0; rack < 4; rack++) {
      assertThat(Collections.frequency(lab.racks(), rack)).isEqualTo(4);
    }
    assertThat(Collections.frequency(lab.pods(), 0)).isEqualTo(2);
    assertThat(lab.ring().stream().map(lab.racks()::get).distinct()).hasSize(4);
    assertThat(lab.ring().stream().map(lab::podOf)).isSorted();
  }

  @Test
  void shouldSurviveTheDescriptionOfTheLargestTree() {
    Changes changes =
        new Changes(
            LabSpec.MAX_HOSTS,
            BitRate.parse("123456kbit"),
            BitRate.parse("123456kbit"),
            BitRate.parse("1mbit"),
            "cubic",
            new Tree(LabSpec.MAX_RACKS, 6, BitRate.parse("123456kbit"), 1L));

    LabSpec lab = LabSpec.of(Scenario.UNIFORM, changes);

    assertThat(LabSpec.decode(lab.encode())).isEqualTo(lab);
    assertThat(Lab.describe(lab, new Subnet(255))).hasSizeLessThan(256);
  }

  @Test
  void shouldReadDescriptionsOfTwoRacks() {
    String text = "scenario=racks rates=1gbit,1gbit,1gbit,1gbit racks=0,0,1,1 trunk=200mbit";

    assertThat(LabSpec.decode(text)).isEqualTo(LabSpec.of(Scenario.RACKS, Changes.NONE));
    assertThat(LabSpec.of(Scenario.RACKS, Changes.NONE).encode()).isEqualTo(text);
    assertThat(LabSpec.of(Scenario.PODS, Changes.NONE).encode())
        .isEqualTo(
            "scenario=pods rates=150mbit*8 racks=00112233 pods=0011"
                + " trunk=100mbit podtrunk=100mbit");
  }

  @Test
  void shouldRefuseTreesThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabSpec.of(Scenario.UNIFORM, tree(4, 5, null, null)))
        .withMessage("racks must be 1 to 4, the number of hosts, but they are 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabSpec.of(Scenario.UNIFORM, tree(4, 2, 3, null)))
        .withMessage("pods must be 1 to 2, the number of racks, but they are 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabSpec.of(Scenario.UNIFORM, tree(64, 40, null, null)))
        .withMessage("a lab has at most 36 racks, but 40 are asked for");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            LabSpec.of(
                Scenario.UNIFORM,
                new Changes(4, null, null, null, null, new Tree(2, 1, GIGABIT, null))))
        .withMessage("a pod trunk joins pods: there must be both or none");
  }
}
