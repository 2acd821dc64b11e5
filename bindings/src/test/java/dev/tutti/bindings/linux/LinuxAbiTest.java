package dev.tutti.bindings.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LinuxAbiTest {

  @Test
  void shouldKnowTheArchitecturesUnderAllTheirNames() {
    assertThat(LinuxAbi.find("Linux", "amd64")).isEqualTo(LinuxAbi.X86_64);
    assertThat(LinuxAbi.find("Linux", "x86_64")).isEqualTo(LinuxAbi.X86_64);
    assertThat(LinuxAbi.find("Linux", "aarch64")).isEqualTo(LinuxAbi.AARCH64);
  }

  @Test
  void shouldFindNoAbiOnOtherSystems() {
    assertThat(LinuxAbi.find("Linux", "riscv64")).isNull();
    assertThat(LinuxAbi.find("Mac OS X", "aarch64")).isNull();
  }

  @Test
  void shouldNameTheSystemWhenItIsNotSupported() {
    assertThat(LinuxAbi.unsupported("Mac OS X", "aarch64"))
        .hasMessage(
            "Tutti's Linux calls need Linux on x86_64 or aarch64; this is Mac OS X on aarch64");
  }
}
