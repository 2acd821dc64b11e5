package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StreamRateTest {
  private static final long MILLI = 1_000_000;

  private final StreamRate rate = new StreamRate();

  @Test
  void shouldMeasureOnlyWhileSomethingIsUnderWay() {
    rate.look(0, 0, 1000);
    for (int i = 1; i <= 10; i++) {
      rate.look(i * MILLI, i * 2_000_000L, 1000);
    }
    assertThat(rate.bytesPerNano()).isCloseTo(2, within(1e-6));

    rate.look(11 * MILLI, 22_000_000, 0); // from now on nothing is under way
    rate.look(50 * MILLI, 22_000_000, 0);
    rate.look(51 * MILLI, 22_000_000, 1000);
    rate.look(52 * MILLI, 24_000_000, 1000);

    assertThat(rate.bytesPerNano()).isCloseTo(2, within(1e-6));
  }

  @Test
  void shouldFallWhenNothingArrivesAnyMore() {
    rate.look(0, 0, 1000);
    rate.look(MILLI, 1_000_000, 1000);
    for (int i = 2; i < 40; i++) {
      rate.look(i * MILLI, 1_000_000, 1000);
    }

    assertThat(rate.bytesPerNano()).isBetween(0.0, 1e-3);
  }

  @Test
  void shouldForgetWhatHasNotBeenMeasuredForAWhile() {
    rate.look(0, 0, 1000);
    rate.look(MILLI, 1_000_000, 1000);
    rate.look(2 * MILLI, 2_000_000, 0);

    rate.look(500 * MILLI, 2_000_000, 0);

    assertThat(rate.bytesPerNano()).isZero();
  }
}
