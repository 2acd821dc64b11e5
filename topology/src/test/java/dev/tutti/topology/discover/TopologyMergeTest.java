package dev.tutti.topology.discover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TopologyMergeTest {
  private static final String ORIGIN = "test";

  /// A host with a domain, a GPU and a NIC, as one rank sees it.
  private static Topology.Builder view(String name, String hostId, int rank) {
    return Topology.builder(name)
        .attribute(Attributes.SOURCE, "live")
        .node(new Node(name, NodeKind.HOST, name, null, Map.of(Attributes.HOST_ID, hostId)))
        .node(name + "/numa0", NodeKind.NUMA, "NUMA 0", name)
        .node(device(name, "gpu0", NodeKind.DEVICE, "0000:41:00.0"))
        .node(device(name, "eth0", NodeKind.NIC, "0000:01:00.0"))
        .node("network-ethernet", NodeKind.NETWORK, "Ethernet", null)
        .cable(Link.of(name + "/numa0", name + "/gpu0", LinkKind.PCIE, 31.5e9, ORIGIN))
        .cable(Link.of(name + "/numa0", name + "/eth0", LinkKind.PCIE, 8e9, ORIGIN))
        .cable(Link.of(name + "/eth0", "network-ethernet", LinkKind.ETHERNET, 3.125e9, ORIGIN))
        .rank(rank, name + "/gpu0");
  }

  private static Node device(String host, String name, NodeKind kind, String address) {
    return new Node(host + "/" + name, kind, name, host, Map.of(Attributes.BUS_ID, address));
  }

  @Test
  void shouldChangeNothingWhenThereIsOneView() {
    Topology view = view("alder", "a", 0).build();

    Reading merged = TopologyMerge.merge(List.of(view));

    assertThat(merged.topology()).isEqualTo(view);
    assertThat(merged.findings()).isEmpty();
  }

  @Test
  void shouldMakeOneHostOfTwoViewsOfIt() {
    Topology first = view("alder", "a", 0).build();
    Topology second = view("alder", "a", 1).build();

    Reading merged = TopologyMerge.merge(List.of(first, second));

    assertThat(merged.topology().nodes()).containsExactlyElementsOf(first.nodes());
    assertThat(merged.topology().links()).isEqualTo(first.links());
    assertThat(merged.topology().ranks()).isEqualTo(Map.of(0, "alder/gpu0", 1, "alder/gpu0"));
    assertThat(merged.findings()).isEmpty();
  }

  @Test
  void shouldJoinHostsByTheirNetwork() {
    Topology merged =
        TopologyMerge.merge(List.of(view("alder", "a", 0).build(), view("birch", "b", 1).build()))
            .topology();

    assertThat(merged.name()).isEqualTo("2 hosts");
    assertThat(merged.nodes(NodeKind.NETWORK)).hasSize(1);
    assertThat(merged.linksTo("network-ethernet"))
        .extracting(Link::from)
        .containsExactly("alder/eth0", "birch/eth0");
    assertThat(merged.ranks()).isEqualTo(Map.of(0, "alder/gpu0", 1, "birch/gpu0"));
  }

  @Test
  void shouldKeepHostsApartWhenTheyHaveTheSameName() {
    Reading merged =
        TopologyMerge.merge(List.of(view("node", "a", 0).build(), view("node", "b", 1).build()));

    assertThat(merged.topology().nodes(NodeKind.HOST))
        .extracting(Node::id)
        .containsExactly("node", "node#2");
    assertThat(merged.topology().ranks()).isEqualTo(Map.of(0, "node/gpu0", 1, "node#2/gpu0"));
    assertThat(merged.topology().links("node#2/eth0", "network-ethernet")).hasSize(1);
    assertThat(merged.findings())
        .containsExactly(Finding.note("node#2", "another host has the same name"));
  }

  @Test
  void shouldFillInWhatOneViewLacks() {
    Topology first = view("alder", "a", 0).build();
    Topology.Builder more = view("alder", "a", 1);
    more.node("alder/gpu1", NodeKind.DEVICE, "GPU 1", "alder");
    more.cable(Link.of("alder/gpu0", "alder/gpu1", LinkKind.NVLINK, 50e9, ORIGIN));
    more.replace(
        new Node(
            "alder/gpu0",
            NodeKind.DEVICE,
            "gpu0",
            "alder",
            Map.of(Attributes.BUS_ID, "0000:41:00.0", Attributes.UUID, "GPU-0")));

    Reading merged = TopologyMerge.merge(List.of(first, more.build()));

    assertThat(merged.topology().links("alder/gpu1", "alder/gpu0")).hasSize(1);
    assertThat(merged.topology().node("alder/gpu0").attribute(Attributes.UUID)).isEqualTo("GPU-0");
    assertThat(merged.findings()).isEmpty();
  }

  @Test
  void shouldTakeADeviceForTheSameByItsAddressAndNotByItsName() {
    Topology first = view("alder", "a", 0).build();
    Topology second =
        Topology.builder("alder")
            .node(new Node("alder", NodeKind.HOST, "alder", null, Map.of(Attributes.HOST_ID, "a")))
            .node(device("alder", "gpu0", NodeKind.DEVICE, "0000:42:00.0"))
            .node(device("alder", "gpu1", NodeKind.DEVICE, "0000:41:00.0"))
            .rank(1, "alder/gpu0")
            .rank(2, "alder/gpu1")
            .build();

    Topology merged = TopologyMerge.merge(List.of(first, second)).topology();

    assertThat(merged.nodes(NodeKind.DEVICE))
        .extracting(Node::id)
        .containsExactly("alder/gpu0", "alder/gpu0#2");
    assertThat(merged.ranks())
        .isEqualTo(Map.of(0, "alder/gpu0", 1, "alder/gpu0#2", 2, "alder/gpu0"));
  }

  @Test
  void shouldReportContradictionsAndKeepTheFirst() {
    Topology first = view("alder", "a", 0).build();
    Topology second =
        first.toBuilder()
            .links(
                first.links().stream()
                    .map(link ->
                        link.kind() == LinkKind.ETHERNET
                            ? Link.of(link.from(), link.to(), link.kind(), 125e6, ORIGIN)
                            : link)
                    .toList())
            .clearRanks()
            .rank(0, "alder/numa0")
            .build();

    Reading merged = TopologyMerge.merge(List.of(first, second));

    assertThat(merged.topology().links()).isEqualTo(first.links());
    assertThat(merged.findings())
        .contains(
            Finding.warning(
                "alder/eth0 -> network-ethernet",
                "capacity is 3.125E9 in one view and 1.25E8 in another; the first is kept"),
            Finding.warning(
                "rank 0", "is on alder/gpu0 in one view and on alder/numa0 in another"));
  }

  @Test
  void shouldNotCallItAContradictionThatEachProcessMayUseCoresOfItsOwn() {
    Reading merged = TopologyMerge.merge(List.of(bound("0-3", "4"), bound("4-7", "2")));

    assertThat(merged.topology().node("alder").attribute(Attributes.CPUS)).isEqualTo("0-7");
    assertThat(merged.findings())
        .containsExactly(Finding.note("alder", "coresAllowed is 4 for one rank and 2 for another"));
  }

  private static Topology bound(String cpus, String cores) {
    return Topology.builder("alder")
        .node(
            new Node(
                "alder",
                NodeKind.HOST,
                "alder",
                null,
                Map.of(
                    Attributes.HOST_ID, "a",
                    Attributes.CPUS, cpus,
                    Attributes.CORES_ALLOWED, cores)))
        .build();
  }

  @Test
  void shouldGiveTheSameEveryTime() {
    List<Topology> views =
        List.of(
            view("alder", "a", 0).build(),
            view("birch", "b", 1).build(),
            view("alder", "a", 2).build());

    assertThat(TopologyMerge.merge(views)).isEqualTo(TopologyMerge.merge(views));
  }

  @Test
  void shouldRefuseNoViews() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TopologyMerge.merge(List.of()))
        .withMessage("there are no topologies to merge");
  }
}
