package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LabBoundTest {
  @ParameterizedTest
  @CsvSource({
    "UNIFORM, ALL_REDUCE, 79.7", // 125 MB/s / 1.5, after headers
    "RACKS, ALL_REDUCE, 23.9", // the trunk: 25 MB/s, after headers
    "SLOW, ALL_REDUCE, 11.96", // the slow port: 12.5 MB/s, after headers
    "UNIFORM, BROADCAST, 119.5",
    "RACKS, BROADCAST, 23.9",
    "UNIFORM, ALL_GATHER, 159.4",
    "RACKS, REDUCE_SCATTER, 47.8",
    "SLOW, SEND_STREAM, 119.5",
    "UNIFORM, BARRIER, 0"
  })
  void shouldBeWhatPortsAndTrunkAllow(
      Scenario scenario, BenchCollective collective, double megabytes) {
    LabSpec lab = LabSpec.of(scenario, Changes.NONE);

    assertThat(LabBound.bytesPerSecond(lab, collective) * 1e-6).isEqualTo(megabytes, within(0.06));
  }
}
