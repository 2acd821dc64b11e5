package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import org.junit.jupiter.api.Test;
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
    "PODS, ALL_REDUCE, 10.25", // all ports: 8 x 18.75 MB/s / 14, after headers
    "PODS, BROADCAST, 11.96", // a trunk
    "PODS, ALL_GATHER, 15.9", // a trunk: six of eight parts enter a rack
    "UNIFORM, BARRIER, 0"
  })
  void shouldBeWhatPortsAndTrunkAllow(
      Scenario scenario, BenchCollective collective, double megabytes) {
    LabSpec lab = LabSpec.of(scenario, Changes.NONE);

    assertThat(LabBound.bytesPerSecond(lab, collective) * 1e-6).isEqualTo(megabytes, within(0.06));
  }

  @Test
  void shouldCountThePodsTrunk() {
    BitRate fast = BitRate.parse("1gbit");
    BitRate slow = BitRate.parse("80mbit");
    LabSpec lab =
        LabSpec.of(
            Scenario.UNIFORM,
            new Changes(8, fast, fast, null, null, new LabSpec.Tree(4, 2, slow, 3L)));

    assertThat(LabBound.bytesPerSecond(lab, BenchCollective.ALL_REDUCE))
        .isEqualTo(slow.payloadBytesPerSecond());
    assertThat(LabBound.bytesPerSecond(lab, BenchCollective.ALL_GATHER))
        .isEqualTo(2 * slow.payloadBytesPerSecond());
  }
}
