package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.bench.netlab.LabNames.Lifetime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LabNamesTest {
  @ParameterizedTest
  @EnumSource
  void shouldBeFoundByTheirNamespaces(Lifetime lifetime) {
    LabNames names = new LabNames(lifetime, "demo2", 4711);

    assertThat(LabNames.ofNamespace(names.host(15))).isEqualTo(names);
    assertThat(LabNames.ofNamespace(names.rack(0))).isEqualTo(names);
    assertThat(LabNames.ofNamespace(names.pod(3))).isEqualTo(names);
    assertThat(LabNames.ofNamespace(names.core())).isEqualTo(names);
    assertThat(names.host(3)).isEqualTo(names.hostPrefix() + "3");
  }

  @Test
  void shouldCarryPrefixAndProcess() {
    assertThat(new LabNames(Lifetime.TEMPORARY, "run", 4711).rack(1))
        .isEqualTo("tutti-tmp-run-4711-rack1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host0", "tutti-lab-demo-x-host0", "tutti-lab-demo-1-eth0", "tutti-probe-1-1"})
  void shouldLeaveOtherNamespacesAlone(String namespace) {
    assertThat(LabNames.ofNamespace(namespace)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Demo", "a-b", "a b", "abcdefghijklmnopq"})
  void shouldRefuseNamesThatNamespacesCannotCarry(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabNames(Lifetime.LASTING, name, 1))
        .withMessage("a lab's name has 1 to 16 small letters and digits, but it is '" + name + "'");
  }
}
