package dev.tutti.topology.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ProfileTest {
  @Test
  void shouldSurviveItsFormat() {
    Profile profile = ProfilesForTests.racks();
    SourceFile file = new SourceFile("p.json", ProfileJson.text(profile));

    assertThat(ProfileJson.recognises(file)).isTrue();
    assertThat(ProfileJson.read(file)).isEqualTo(profile);
  }

  @Test
  void shouldNameThePlaceWhereAProfileIsWrong() {
    assertThatThrownBy(() ->
            ProfileJson.read(
                new SourceFile(
                    "p.json",
                    "{\"format\": \"tutti-profile\", \"version\": 1, \"fingerprint\": \"x\",\n"
                        + " \"transport\": \"tcp\", \"seconds\": 1, \"probers\": [\"a\"]}")))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessageMatching("p.json:2:[0-9]+: probers\\[0]: expected a whole number");
  }

  @Test
  void shouldTellGroupsOfRanks() {
    Profile profile = ProfilesForTests.racks();

    assertThat(profile.groupOf()).containsExactly(0, 0, 1, 1);
    assertThat(profile.hosts()).containsExactly("host0", "host1", "host2", "host3");
    assertThat(Objects.requireNonNull(profile.pair(2, 3)).rate()).isEqualTo(119e6);
  }

  @Test
  void shouldSayWhatFallsShortOfItsPeers() {
    assertThat(LinkFindings.of(ProfilesForTests.racks()))
        .extracting(Object::toString)
        .containsExactly("eth0 on host host3: warning: sends 95 Mbit/s, its peers 952 Mbit/s");
  }

  @Test
  void shouldNotTellOffPairsThatWereReadOnce() {
    assertThat(LinkFindings.of(pairsOfAHost(1))).isEmpty();
    assertThat(LinkFindings.of(pairsOfAHost(3)))
        .extracting(Object::toString)
        .containsExactly("rank 0 -> rank 1 on host h: warning: 1.00 GB/s, its peers 6.00 GB/s");
    assertThat(ProfileCheck.holds(pairsOfAHost(3), pairsOfAHost(1))).isTrue();
  }

  @Test
  void shouldNameTheRailThatFallsShort() {
    List<RailProfile> rails = new ArrayList<>();
    for (int rail = 0; rail < 2; rail++) {
      for (int from = 0; from < 2; from++) {
        double rate = rail == 1 && from == 1 ? 5e6 : 125e6;
        rails.add(new RailProfile(from, 1 - from, rail, ProfilesForTests.estimate(rate)));
      }
    }
    List<RankPlace> places =
        List.of(
            new RankPlace(0, "a", List.of("eth0", "eth1"), List.of("10.0.0.1", "10.0.1.1")),
            new RankPlace(1, "b", List.of("eth0", "eth1"), List.of("10.0.0.2", "10.0.1.2")));
    Profile profile =
        new Profile("abc", "tcp", places, List.of(0, 1), List.of(), null, rails, null, 1);

    assertThat(LinkFindings.of(profile))
        .extracting(Object::toString)
        .containsExactly(
            "eth1 on host a: warning: receives 40 Mbit/s alone, other rails 1000 Mbit/s",
            "eth1 on host b: warning: sends 40 Mbit/s alone, other rails 1000 Mbit/s");
    assertThat(ProfileJson.read(new SourceFile("p.json", ProfileJson.text(profile))))
        .isEqualTo(profile);
  }

  /// Three ranks of one host, of which one pair is slow.
  private static Profile pairsOfAHost(int samples) {
    List<RankPlace> places = new ArrayList<>();
    List<PairProfile> pairs = new ArrayList<>();
    for (int from = 0; from < 3; from++) {
      places.add(new RankPlace(from, "h", List.of(), List.of()));
      for (int to = 0; to < 3; to++) {
        double rate = from == 0 && to == 1 ? samples == 1 ? 0.1e9 : 1e9 : 6e9;
        if (from != to) {
          pairs.add(new PairProfile(from, to, null, new Estimate(rate, rate, rate, samples), null));
        }
      }
    }
    return new Profile("abc", "shm", places, List.of(0), pairs, null, 0.1);
  }

  @Test
  void shouldShowTheTopologyThatExplainsIt() {
    Topology topology = MeasuredTopology.of(ProfilesForTests.racks());

    Link uplink = topology.links("group-0/switch", "network").getFirst();
    assertThat(uplink.measured()).isEqualTo(Measurement.ofRate(24e6));
    assertThat(topology.links("network", "group-1/switch").getFirst().measured()).isNull();
    assertThat(topology.links("group-1/host3/eth0", "group-1/switch").getFirst().measured())
        .isEqualTo(Measurement.ofRate(11.9e6));
    assertThat(topology.ranks()).hasSize(4);
  }

  @Test
  void shouldPutMeasurementsOnDiscoveredNics() {
    Topology topology = MeasuredTopology.of(ProfilesForTests.racks(), discovered());

    assertThat(topology.nodes(NodeKind.SWITCH))
        .extracting(Node::id)
        .containsExactly("group-0", "group-1");
    Link port = topology.links("host3/eth0", "group-1").getFirst();
    assertThat(port.capacityBytesPerSecond()).isEqualTo(125e6);
    assertThat(port.health()).isLessThan(0.1);
    assertThat(topology.links("host3/eth0", "net")).isEmpty();
    assertThat(topology.links("group-0", "net")).hasSize(1);
  }

  @Test
  void shouldHoldUntilAPortChangesClearly() {
    Profile known = ProfilesForTests.racks();

    assertThat(ProfileCheck.holds(known, known)).isTrue();
    assertThat(ProfileCheck.holds(known, withPort(known, 0.8))).isTrue();
    assertThat(ProfileCheck.holds(known, withPort(known, 0.5))).isFalse();
  }

  private static Profile withPort(Profile profile, double factor) {
    NetworkMap network = Objects.requireNonNull(profile.network());
    List<Double> out = new ArrayList<>(network.outBytesPerSecond());
    out.set(1, out.get(1) * factor);
    NetworkMap changed =
        new NetworkMap(
            out,
            network.inBytesPerSecond(),
            network.root(),
            network.rounds(),
            network.observations());
    return new Profile(
        profile.fingerprint(),
        profile.transport(),
        profile.places(),
        profile.probers(),
        profile.pairs(),
        changed,
        profile.seconds());
  }

  @Test
  void shouldRefuseRanksWithoutPlace() {
    Topology unplaced = discovered().toBuilder().clearRanks().build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeasuredTopology.of(ProfilesForTests.racks(), unplaced))
        .withMessage("rank 0 is not placed in a host");
  }

  @Test
  void shouldBoundTheMedian() {
    Estimate estimate = Estimate.of(List.of(5.0, 1.0, 4.0, 2.0, 3.0, 7.0, 6.0));

    assertThat(estimate.median()).isEqualTo(4);
    assertThat(estimate.low()).isLessThan(4);
    assertThat(estimate.high()).isGreaterThan(4);
    assertThat(Estimate.of(new double[] {2}).relativeError()).isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> Estimate.of(new double[0]));
  }

  private static Topology discovered() {
    Topology.Builder builder =
        Topology.builder("live").node("net", NodeKind.NETWORK, "Ethernet", null);
    for (int h = 0; h < 4; h++) {
      String host = "host" + h;
      builder.node(host, NodeKind.HOST, host, null);
      builder.node(host + "/numa0", NodeKind.NUMA, "NUMA 0", host);
      builder.node(host + "/eth0", NodeKind.NIC, "eth0", host);
      builder.cable(Link.of(host + "/eth0", "net", LinkKind.ETHERNET, 125e6, "sysfs"));
      builder.rank(h, host + "/numa0");
    }
    return builder.build();
  }
}
