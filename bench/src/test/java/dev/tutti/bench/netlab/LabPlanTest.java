package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.LabNames.Lifetime;
import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LabPlanTest {
  private static final LabNames NAMES = new LabNames(Lifetime.LASTING, "x", 9);
  private static final Subnet SUBNET = new Subnet(5);

  private static List<String> plan(Scenario scenario, Changes changes) {
    return LabPlan.up(LabSpec.of(scenario, changes), NAMES, SUBNET).stream()
        .map(words -> String.join(" ", words))
        .toList();
  }

  private static Changes hosts(int hosts) {
    return new Changes(hosts, null, null, null, null);
  }

  @Test
  void shouldPlanUniform() {
    List<String> plan = plan(Scenario.UNIFORM, hosts(2));

    assertThat(plan)
        .containsExactly(
            "ip netns add tutti-lab-x-9-rack0",
            "ip -n tutti-lab-x-9-rack0 link add br0 type bridge",
            "ip -n tutti-lab-x-9-rack0 link set br0 up",
            "ip -n tutti-lab-x-9-rack0 link set br0 alias"
                + " subnet=5 scenario=uniform rates=1gbit,1gbit racks=0,0",
            "ip link add tuttilab5 type veth peer name launcher netns tutti-lab-x-9-rack0",
            "ip -n tutti-lab-x-9-rack0 link set launcher master br0 up",
            "ip addr add 10.77.5.254/24 dev tuttilab5",
            "ip link set tuttilab5 up",
            "ip netns add tutti-lab-x-9-host0",
            "ip -n tutti-lab-x-9-host0 link set lo up",
            "ip link add eth0 netns tutti-lab-x-9-host0"
                + " type veth peer name port0 netns tutti-lab-x-9-rack0",
            "ip -n tutti-lab-x-9-rack0 link set port0 master br0 up",
            "ip -n tutti-lab-x-9-host0 addr add 10.77.5.1/24 dev eth0",
            "ip -n tutti-lab-x-9-host0 link set eth0 up",
            "tc -n tutti-lab-x-9-host0 qdisc replace dev eth0"
                + " root tbf rate 1gbit burst 128kb latency 20ms",
            "tc -n tutti-lab-x-9-rack0 qdisc replace dev port0"
                + " root tbf rate 1gbit burst 128kb latency 20ms",
            "ip netns add tutti-lab-x-9-host1",
            "ip -n tutti-lab-x-9-host1 link set lo up",
            "ip link add eth0 netns tutti-lab-x-9-host1"
                + " type veth peer name port1 netns tutti-lab-x-9-rack0",
            "ip -n tutti-lab-x-9-rack0 link set port1 master br0 up",
            "ip -n tutti-lab-x-9-host1 addr add 10.77.5.2/24 dev eth0",
            "ip -n tutti-lab-x-9-host1 link set eth0 up",
            "tc -n tutti-lab-x-9-host1 qdisc replace dev eth0"
                + " root tbf rate 1gbit burst 128kb latency 20ms",
            "tc -n tutti-lab-x-9-rack0 qdisc replace dev port1"
                + " root tbf rate 1gbit burst 128kb latency 20ms");
  }

  @Test
  void shouldShapeTheSlowPortAtBothEnds() {
    assertThat(plan(Scenario.SLOW, Changes.NONE))
        .filteredOn(command -> command.contains("100mbit") && command.startsWith("tc"))
        .containsExactly(
            "tc -n tutti-lab-x-9-host3 qdisc replace dev eth0"
                + " root tbf rate 100mbit burst 128kb latency 20ms",
            "tc -n tutti-lab-x-9-rack0 qdisc replace dev port3"
                + " root tbf rate 100mbit burst 128kb latency 20ms");
  }

  @Test
  void shouldJoinRacksByATrunk() {
    List<String> plan = plan(Scenario.RACKS, Changes.NONE);

    assertThat(plan)
        .contains("ip -n tutti-lab-x-9-rack1 link set port2 master br0 up")
        .endsWith(
            "ip link add trunk netns tutti-lab-x-9-rack0"
                + " type veth peer name trunk netns tutti-lab-x-9-rack1",
            "ip -n tutti-lab-x-9-rack0 link set trunk master br0 up",
            "tc -n tutti-lab-x-9-rack0 qdisc replace dev trunk"
                + " root tbf rate 200mbit burst 128kb latency 20ms",
            "ip -n tutti-lab-x-9-rack1 link set trunk master br0 up",
            "tc -n tutti-lab-x-9-rack1 qdisc replace dev trunk"
                + " root tbf rate 200mbit burst 128kb latency 20ms");
  }

  @Test
  void shouldJoinPodsOfRacksByACore() {
    BitRate podTrunk = BitRate.parse("50mbit");
    Changes changes =
        new Changes(4, null, null, null, null, new LabSpec.Tree(4, 2, podTrunk, null));

    List<String> plan = plan(Scenario.UNIFORM, changes);

    assertThat(plan)
        .containsSubsequence(
            "ip netns add tutti-lab-x-9-core",
            "ip link add trunk netns tutti-lab-x-9-pod1"
                + " type veth peer name pod1 netns tutti-lab-x-9-core",
            "tc -n tutti-lab-x-9-pod1 qdisc replace dev trunk"
                + " root tbf rate 50mbit burst 128kb latency 20ms",
            "ip -n tutti-lab-x-9-core link set pod1 master br0 up",
            "tc -n tutti-lab-x-9-core qdisc replace dev pod1"
                + " root tbf rate 50mbit burst 128kb latency 20ms")
        .endsWith(
            "ip link add trunk netns tutti-lab-x-9-rack3"
                + " type veth peer name rack3 netns tutti-lab-x-9-pod1",
            "ip -n tutti-lab-x-9-rack3 link set trunk master br0 up",
            "tc -n tutti-lab-x-9-rack3 qdisc replace dev trunk"
                + " root tbf rate 200mbit burst 128kb latency 20ms",
            "ip -n tutti-lab-x-9-pod1 link set rack3 master br0 up",
            "tc -n tutti-lab-x-9-pod1 qdisc replace dev rack3"
                + " root tbf rate 200mbit burst 128kb latency 20ms");
  }

  @Test
  void shouldJoinThreeRacksWithoutPods() {
    Changes changes = new Changes(3, null, null, null, null, new LabSpec.Tree(3, null, null, null));

    assertThat(plan(Scenario.UNIFORM, changes))
        .filteredOn(command -> command.contains("peer name rack"))
        .hasSize(3)
        .allMatch(command -> command.endsWith("netns tutti-lab-x-9-core"));
  }

  @Test
  void shouldTellManyHostsTheirNeighbours() {
    List<String> plan = plan(Scenario.UNIFORM, hosts(17));

    assertThat(plan)
        .contains(
            "ip link add eth0 address 02:00:0a:4d:05:11 netns tutti-lab-x-9-host16"
                + " type veth peer name port16 netns tutti-lab-x-9-rack0");
    assertThat(plan)
        .filteredOn(command -> command.startsWith("sh -c ip -n tutti-lab-x-9-host0 -batch"))
        .singleElement()
        .asString()
        .contains("neigh replace 10.77.5.17 lladdr 02:00:0a:4d:05:11 nud permanent dev eth0\n")
        .doesNotContain("10.77.5.1 ");
  }

  @Test
  void shouldSetTheCongestionControlByTheRoute() {
    assertThat(plan(Scenario.UNIFORM, new Changes(2, null, null, null, "cubic")))
        .contains(
            "ip -n tutti-lab-x-9-host1 route change 10.77.5.0/24 dev eth0 proto kernel"
                + " scope link src 10.77.5.2 congctl cubic");
  }

  @Test
  void shouldPullTheCableAtTheSwitch() {
    LabSpec racks = LabSpec.of(Scenario.RACKS, Changes.NONE);

    assertThat(LabPlan.link(racks, NAMES, 3, Lab.LinkState.DOWN))
        .containsExactly("ip", "-n", "tutti-lab-x-9-rack1", "link", "set", "port3", "down");
    assertThat(LabPlan.link(racks, NAMES, 0, Lab.LinkState.UP)).endsWith("port0", "up");
  }
}
