package dev.tutti.bench.netlab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The commands that make a lab, as data.
///
/// Every rack is a namespace with a bridge, every host a namespace with a link to it. Two racks are
/// joined directly, more of them by a core, which is another such namespace, and pods in between.
/// Ports and trunks are shaped by tbf at both ends, so that they are full duplex. The bucket holds
/// more than one super-packet of 64 KiB: with a smaller one tbf splits each of them, and transfers
/// in both directions at once reach only half of the rate. This machine has a link, not shaped, to
/// the first rack: launchers serve their rendezvous there.
final class LabPlan {
  private static final String BURST = "128kb";
  private static final String LATENCY = "20ms";
  private static final int MOST_ASKING = 16;
  private static final String LAUNCHER_PORT = "launcher";

  private final LabSpec spec;
  private final LabNames names;
  private final Subnet subnet;
  private final List<List<String>> commands = new ArrayList<>();

  private LabPlan(LabSpec spec, LabNames names, Subnet subnet) {
    this.spec = spec;
    this.names = names;
    this.subnet = subnet;
  }

  /// Returns the commands that make a lab, in their order.
  static List<List<String>> up(LabSpec spec, LabNames names, Subnet subnet) {
    LabPlan plan = new LabPlan(spec, names, subnet);
    for (int rack = 0; rack < spec.rackCount(); rack++) {
      plan.addSwitch(names.rack(rack));
    }
    plan.describe();
    plan.addLauncher();
    for (int host = 0; host < spec.hosts(); host++) {
      plan.addHost(host);
    }
    if (spec.isTree()) {
      plan.addTree();
    } else {
      plan.addTrunk();
    }
    return List.copyOf(plan.commands);
  }

  /// Returns the command that takes the link of a host down or up: it is the switch's end that
  /// changes, so that the host sees a pulled cable.
  static List<String> link(LabSpec spec, LabNames names, int host, Lab.LinkState state) {
    String rack = names.rack(spec.racks().get(host));
    String word = state == Lab.LinkState.UP ? "up" : "down";
    return List.of("ip", "-n", rack, "link", "set", LabNames.port(host), word);
  }

  private void addSwitch(String rack) {
    run("ip netns add", rack);
    run("ip -n", rack, "link add", LabNames.BRIDGE, "type bridge");
    run("ip -n", rack, "link set", LabNames.BRIDGE, "up");
  }

  /// The kernel keeps the description, so that no file can get lost or stay behind.
  private void describe() {
    List<String> words =
        new ArrayList<>(
            List.of("ip", "-n", names.rack(0), "link", "set", LabNames.BRIDGE, "alias"));
    words.add(Lab.describe(spec, subnet));
    commands.add(words);
  }

  private void addLauncher() {
    String rack = names.rack(0);
    String link = subnet.launcherInterface();
    run("ip link add", link, "type veth peer name", LAUNCHER_PORT, "netns", rack);
    run("ip -n", rack, "link set", LAUNCHER_PORT, "master", LabNames.BRIDGE, "up");
    run("ip addr add", subnet.launcherAddress() + "/24", "dev", link);
    run("ip link set", link, "up");
  }

  private void addHost(int host) {
    String namespace = names.host(host);
    String rack = names.rack(spec.racks().get(host));
    String port = LabNames.port(host);
    String link = LabNames.HOST_INTERFACE;
    String address = subnet.hostAddress(host);
    run("ip netns add", namespace);
    run("ip -n", namespace, "link set lo up");
    String card = hasKnownNeighbours() ? "address " + subnet.cardAddress(host) + " " : "";
    run("ip link add", link, card + "netns", namespace, "type veth peer name", port, "netns", rack);
    run("ip -n", rack, "link set", port, "master", LabNames.BRIDGE, "up");
    run("ip -n", namespace, "addr add", address + "/24", "dev", link);
    run("ip -n", namespace, "link set", link, "up");
    shape(namespace, link, spec.rates().get(host));
    shape(rack, port, spec.rates().get(host));
    if (hasKnownNeighbours()) {
      commands.add(List.of("sh", "-c", neighbours(host)));
    }
    if (spec.congestion() != null) {
      // By the route, because outside the first namespace the kernel's setting refuses those that
      // net.ipv4.tcp_allowed_congestion_control does not list.
      String route = subnet.cidr() + " dev " + link + " proto kernel scope link src " + address;
      run("ip -n", namespace, "route change", route, "congctl", spec.congestion());
    }
  }

  /// The kernel's table of neighbours, one for all namespaces, has room for about a thousand that
  /// were asked for; those that are told do not count.
  private boolean hasKnownNeighbours() {
    return spec.hosts() > MOST_ASKING;
  }

  /// Returns the script that tells a host the cards of all others.
  private String neighbours(int host) {
    StringBuilder script = new StringBuilder("ip -n " + names.host(host) + " -batch - <<'END'\n");
    for (int other = 0; other < spec.hosts(); other++) {
      if (other != host) {
        script.append("neigh replace ").append(subnet.hostAddress(other));
        script.append(" lladdr ").append(subnet.cardAddress(other));
        script.append(" nud permanent dev ").append(LabNames.HOST_INTERFACE).append('\n');
      }
    }
    return script.append("END\n").toString();
  }

  private void addTrunk() {
    if (spec.trunk() != null) {
      join(names.rack(0), LabNames.TRUNK, names.rack(1), LabNames.TRUNK, spec.trunk());
    }
  }

  private void addTree() {
    String core = names.core();
    addSwitch(core);
    boolean hasPods = spec.podTrunk() != null;
    for (int pod = 0; hasPods && pod < spec.podCount(); pod++) {
      addSwitch(names.pod(pod));
      join(names.pod(pod), LabNames.TRUNK, core, LabNames.trunkOfPod(pod), spec.podTrunk());
    }
    for (int rack = 0; rack < spec.rackCount(); rack++) {
      String above = hasPods ? names.pod(spec.pods().get(rack)) : core;
      join(names.rack(rack), LabNames.TRUNK, above, LabNames.trunkOfRack(rack), spec.trunk());
    }
  }

  /// Joins two switches.
  private void join(String first, String link, String second, String peer, @Nullable BitRate rate) {
    run("ip link add", link, "netns", first, "type veth peer name", peer, "netns", second);
    run("ip -n", first, "link set", link, "master", LabNames.BRIDGE, "up");
    shape(first, link, rate);
    run("ip -n", second, "link set", peer, "master", LabNames.BRIDGE, "up");
    shape(second, peer, rate);
  }

  private void shape(String namespace, String link, @Nullable BitRate rate) {
    if (rate == null) {
      return;
    }
    String bucket = "burst " + BURST + " latency " + LATENCY;
    run("tc -n", namespace, "qdisc replace dev", link, "root tbf rate", rate.toString(), bucket);
  }

  private void run(String... phrases) {
    commands.add(Arrays.asList(String.join(" ", phrases).split(" ")));
  }
}
