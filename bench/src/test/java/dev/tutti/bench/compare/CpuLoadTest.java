package dev.tutti.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CpuLoadTest {
  @Test
  void shouldCountAllButIdleWaitingAndInterrupts() {
    assertThat(CpuLoad.busyTicks("cpu  1 2 4 8000 16000 32 64 128 256 512\ncpu0 9 9\n"))
        .isEqualTo(1 + 2 + 4 + 128);
  }

  @Test
  void shouldCountAProcessAndItsChildren() {
    String stat = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 100 200 400 800 20 0 1 0 5\n";

    assertThat(CpuLoad.ownTicks(stat)).isEqualTo(1500);
  }

  @Test
  void shouldNeverBeNegative() {
    assertThat(new CpuLoad().foreignCores()).isNotNegative();
  }
}
