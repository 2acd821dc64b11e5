package dev.tutti.collectives.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class FlowMeterTest {
  private static final long MILLI = 1_000_000;
  private static final long NANOS = 160 * MILLI;
  private static final double BYTES_PER_PART = 10_000; // 1000 bytes a millisecond

  @Test
  void shouldKnowWhatHasArrivedAtTheEndsOfParts() {
    FlowMeter meter = new FlowMeter(NANOS, 0);
    for (int ms = 1; ms <= 160; ms++) {
      meter.count(1000, ms * MILLI);
      meter.dry(ms * MILLI);
    }

    FlowPort.Reading reading = meter.reading();

    assertThat(reading.seconds()).isEqualTo(0.160, within(1e-9));
    assertThat(reading.arrived()).hasSize(FlowPort.PARTS + 1);
    assertThat(reading.arrived()[5]).isEqualTo(5 * BYTES_PER_PART, within(1.0));
    assertThat(reading.arrived()[FlowPort.PARTS]).isEqualTo(160_000);
  }

  @Test
  void shouldNotTakeABacklogForSpeed() {
    FlowMeter meter = new FlowMeter(NANOS, 0);
    for (int ms = 1; ms <= 160; ms++) {
      boolean runs = ms <= 60 || ms > 100; // then 40 messages are found within 40 us
      if (runs) {
        int found = ms == 101 ? 41 : 1;
        for (int i = 0; i < found; i++) {
          meter.count(1000, ms * MILLI + i * 1000L);
        }
        meter.dry(ms * MILLI + found * 1000L);
      }
    }

    double[] arrived = meter.reading().arrived();

    for (int part = 1; part <= 16; part++) {
      assertThat(arrived[part] - arrived[part - 1]).isEqualTo(BYTES_PER_PART, within(1100.0));
    }
  }

  @Test
  void shouldMeasureFromMessageToMessageWhenNeverDry() {
    FlowMeter meter = new FlowMeter(NANOS, 0);
    for (int ms = 1; ms <= 160; ms++) {
      meter.count(1000, ms * MILLI);
    }

    assertThat(meter.reading().arrived()[8]).isEqualTo(8 * BYTES_PER_PART, within(1.0));
  }

  @Test
  void shouldReadNothingWhenNothingCame() {
    FlowPort.Reading reading = new FlowMeter(NANOS, 0).reading();

    assertThat(reading.seconds()).isZero();
    assertThat(reading.arrived()).containsOnly(0.0);
  }
}
