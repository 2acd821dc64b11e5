package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.execute.FlowPort;
import dev.tutti.topology.probe.Flow;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

final class FlowWindowTest {
  private static final long NANOS = 100_000_000;
  private static final Flow FIRST = new Flow(0, 1);
  private static final Flow SECOND = new Flow(1, 0);

  /// What a rank tells of a flow that ends, from how much has arrived by a time in seconds.
  private static double[] told(double end, DoubleUnaryOperator arrived) {
    double[] values = new double[2 * FlowWindow.VALUES];
    double[] parts = new double[FlowPort.PARTS + 1];
    for (int part = 0; part < parts.length; part++) {
      double time = part * 2e-9 * NANOS / FlowPort.PARTS;
      parts[part] = arrived.applyAsDouble(Math.min(time, end));
    }
    FlowWindow.write(new FlowPort.Reading(end, parts), values, 1);
    return values;
  }

  private static FlowWindow window(double[] ofRankZero, double[] ofRankOne) {
    return FlowWindow.of(List.of(FIRST, SECOND), 1, new double[][] {ofRankZero, ofRankOne}, NANOS);
  }

  @Test
  void shouldMeasureAllFlowsOverTheTimeInWhichTheyCompete() {
    // The first flow ends at 0.1 s; from then on the second has the link of 100 bytes/s alone.
    FlowWindow window =
        window(
            told(0.15, time -> 50 * time + 50 * Math.max(0, time - 0.1)),
            told(0.1, time -> 50 * time));

    assertThat(window.rate(FIRST)).isEqualTo(50, within(0.5));
    assertThat(window.rate(SECOND)).isEqualTo(50, within(0.5));
    assertThat(window.samples(FIRST)).hasSizeGreaterThan(5).allMatch(rate -> rate > 49);
  }

  @Test
  void shouldNotCountAGapInASteadyFlow() {
    // 100 bytes/s, but nothing from 0.06 s to 0.072 s.
    DoubleUnaryOperator gap = time -> 100 * (Math.min(time, 0.06) + Math.max(0, time - 0.072));

    FlowWindow window = window(told(0.1, gap), told(0.1, time -> 100 * time));

    assertThat(window.rate(SECOND)).isEqualTo(100, within(5.0)); // 83 on average
  }

  @Test
  void shouldCountChangesOfAFlowThatIsNotSteady() {
    DoubleUnaryOperator faster = time -> 500 * time * time;

    FlowWindow window = window(told(0.1, faster), told(0.1, faster));

    assertThat(window.rate(FIRST)).isEqualTo(500 * 0.13, within(1.0));
  }
}
