package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import java.util.Collections;
import java.util.List;
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
  @ValueSource(ints = {-1, 0, 1, 17})
  void shouldRefuseTooFewAndTooManyHosts(int hosts) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LabSpec.of(Scenario.UNIFORM, new Changes(hosts, null, null, null, null)))
        .withMessage("a lab has 2 to 16 hosts, but " + hosts + " are asked for");
  }

  @Test
  void shouldRefuseWhatDoesNotFitTogether() {
    List<BitRate> rates = List.of(GIGABIT, GIGABIT);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabSpec(Scenario.UNIFORM, rates, List.of(1, 0), GIGABIT, null))
        .withMessage("racks must be 0 and then 1, but they are [1, 0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabSpec(Scenario.UNIFORM, rates, List.of(0, 1), null, null))
        .withMessage("a trunk joins two racks: there must be both or none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabSpec(Scenario.UNIFORM, rates, List.of(0, 0), null, "x; y"))
        .withMessage("'x; y' is not the name of a congestion control");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "hello", "rates=1gbit racks=0,0", "scenario=moon rates=1gbit racks=0"})
  void shouldRefuseOtherDescriptions(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> LabSpec.decode(text));
  }
}
