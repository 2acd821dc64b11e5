package dev.tutti.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TopologyDiffTest {
  @Test
  void shouldFindNothingBetweenEquals() {
    assertThat(TopologyDiff.of(TopologyTest.pair(), TopologyTest.pair())).isEmpty();
  }

  @Test
  void shouldNameWhatWasAddedRemovedAndChanged() {
    Topology before = TopologyTest.pair();
    Topology.Builder builder = before.toBuilder();
    builder.node("birch/gpu1", NodeKind.DEVICE, "GPU 1", "birch");
    builder.links(
        before.links().stream()
            .filter(link -> !link.from().equals("birch/gpu0"))
            .map(link ->
                link.from().equals("switch") ? link.withMeasured(Measurement.ofRate(12.5e6)) : link)
            .toList());
    builder.clearRanks().rank(0, "birch/gpu1");

    List<TopologyDiff.Change> changes = TopologyDiff.of(before, builder.build());

    assertThat(changes)
        .extracting(TopologyDiff.Change::toString)
        .containsExactly(
            "added node birch/gpu1: device",
            "changed link switch -> alder/gpu0 (ethernet): measured 0.0125 GB/s, was unknown",
            "removed link birch/gpu0 -> switch (ethernet): 0.125 GB/s",
            "changed rank 0: on birch/gpu1, was on birch/gpu0",
            "removed rank 1: from alder/gpu0");
  }

  @Test
  void shouldNotMindRounding() {
    Topology before = TopologyTest.pair();
    Topology.Builder builder = before.toBuilder();
    builder.links(
        before.links().stream()
            .map(link -> Link.of(link.from(), link.to(), link.kind(), 125.4e6, link.origin()))
            .toList());

    assertThat(TopologyDiff.of(before, builder.build())).isEmpty();
  }
}
