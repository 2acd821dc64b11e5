package dev.tutti.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TopologyCheckTest {
  @Test
  void shouldFindNothingOddInAWholeTopology() {
    assertThat(check(pair().cable(link().withMeasured(Measurement.ofRate(9e9))))).isEmpty();
  }

  @Test
  void shouldWarnOfOneSidedAndContradictingLinks() {
    assertThat(check(pair().link(link())))
        .contains("h/a -> h/b: warning: NVLink is one-sided: there is no link back")
        .anyMatch(text -> text.contains("no path over known links joins rank 0 with [1]"));
    assertThat(check(pair().link(link()).link(Link.of("h/b", "h/a", LinkKind.NVLINK, 5e9, "t"))))
        .containsExactly("h/a -> h/b: warning: carries 10.0 GB/s, but back 5.00 GB/s");
    assertThat(check(pair().link(link()).link(Link.of("h/b", "h/a", LinkKind.NVLINK, 9.95e9, "t"))))
        .isEmpty();
    assertThat(check(pair().link(link()).link(Link.of("h/b", "h/a", LinkKind.NVLINK, null, "t"))))
        .isEmpty();
  }

  @Test
  void shouldWarnOfBadNumbers() {
    assertThat(check(pair().cable(Link.of("h/a", "h/b", LinkKind.PCIE, 0.0, "t"))))
        .containsExactly(
            "h/a -> h/b: warning: its nominal capacity is 0",
            "h/b -> h/a: warning: its nominal capacity is 0",
            "h/a -> h/b: note: width of PCI Express is not known, of 2 links in all");
    assertThat(
            check(
                pair()
                    .link(link().withMeasured(Measurement.ofRate(7.9e9)))
                    .link(link().reversed().withMeasured(Measurement.ofRate(8e9)))))
        .containsExactly("h/a -> h/b: warning: measured 7.90 GB/s, 79 % of its nominal 10.0 GB/s");
  }

  @Test
  void shouldWarnOfDoubleAddressesInOneHostOnly() {
    Topology.Builder builder = Topology.builder("t");
    for (String host : List.of("h", "i")) {
      builder.node(host, NodeKind.HOST, host, null);
      for (String name : List.of("x", "y")) {
        builder.node(
            new Node(
                host + "/" + name,
                NodeKind.PCI_BRIDGE,
                name,
                host,
                Map.of(Attributes.BUS_ID, host.equals("h") ? "0000:01:00.0" : name)));
      }
    }

    assertThat(check(builder))
        .containsExactly("h/y: warning: has the PCI address 0000:01:00.0 of 'h/x'");
  }

  @Test
  void shouldLookAtRanks() {
    assertThat(check(pair().cable(link()).rank(5, "h/a")))
        .containsExactly(
            "ranks: warning: up to 5, but missing are [2, 3, 4]",
            "h/a: note: has several ranks: [0, 5]");
    assertThat(check(pair()))
        .containsExactly(
            "h/a: warning: no link joins this device to anything",
            "h/b: warning: no link joins this device to anything",
            "ranks: warning: no path over known links joins rank 0 with [1], 1 ranks in all");
    assertThat(check(pair().cable(link()).rank(2_000_000_000, "h/a"))).hasSize(2);
  }

  @Test
  void shouldNoteWhatIsTooMuchForNccl() {
    Topology.Builder builder = pair().cable(link());
    for (int i = 0; i < 250; i++) {
      builder.node("h/numa" + i, NodeKind.NUMA, "n", "h");
    }

    assertThat(check(builder))
        .containsExactly(
            "h: note: takes about 257 elements in NCCL's topology file, which reads at most 256");
  }

  private static Link link() {
    return Link.of("h/a", "h/b", LinkKind.NVLINK, 10e9, "t");
  }

  private static Topology.Builder pair() {
    return Topology.builder("t")
        .node("h", NodeKind.HOST, "h", null)
        .node("h/a", NodeKind.DEVICE, "a", "h")
        .node("h/b", NodeKind.DEVICE, "b", "h")
        .rank(0, "h/a")
        .rank(1, "h/b");
  }

  private static List<String> check(Topology.Builder builder) {
    return TopologyCheck.check(builder.build()).stream().map(Finding::toString).toList();
  }
}
