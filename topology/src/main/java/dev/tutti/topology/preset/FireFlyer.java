package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Hosts with eight A100 on plain PCI Express and one NIC, in a fat tree of two zones.
final class FireFlyer implements Preset {
  private static final int DEVICES = 8;
  private static final int HOSTS_PER_LEAF = 20;
  private static final int SPINES_PER_ZONE = 20;
  private static final int LEAVES_PER_ZONE = 40;
  private static final double HDR = 25e9;

  @Override
  public String name() {
    return "fire-flyer";
  }

  @Override
  public String description() {
    return "8 x A100 on PCIe 4 and one 200 Gbit/s NIC per host, two zones of fat tree";
  }

  @Override
  public String source() {
    return "arXiv 2408.14158: no NVSwitch, no PCIe switch, 40-port switches, 800 ports per zone";
  }

  @Override
  public int defaultHosts() {
    return 1;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    int perLeaf = options.hostsPerLeafOr(HOSTS_PER_LEAF);
    int perZone = perLeaf * LEAVES_PER_ZONE;
    if (options.hosts() > 2 * perZone) {
      throw new IllegalArgumentException(
          "hosts is " + options.hosts() + ", but two zones hold " + 2 * perZone);
    }
    double rate = options.nicBytesPerSecondOr(HDR);
    List<List<String>> zones = new ArrayList<>();
    for (int first = 0; first < options.hosts(); first += perZone) {
      int end = Math.min(options.hosts(), first + perZone);
      zones.add(zone(draft, options, zones.size(), first, end));
    }
    if (zones.size() == 2) {
      // A few cables between the zones carry jobs that span both.
      for (int s = 0; s < SPINES_PER_ZONE; s++) {
        draft.cable(zones.get(0).get(s), zones.get(1).get(s), LinkKind.INFINIBAND, rate);
      }
    }
    return draft.build();
  }

  /// Adds the hosts from `first` to `end` with their leaves and spines; returns the spines.
  private static List<String> zone(
      Draft draft, PresetOptions options, int zone, int first, int end) {
    int perLeaf = options.hostsPerLeafOr(HOSTS_PER_LEAF);
    double rate = options.nicBytesPerSecondOr(HDR);
    String group = draft.node(NodeKind.GROUP, "zone" + zone, "zone " + zone, null);
    List<String> leaves = new ArrayList<>();
    for (int h = first; h < end; h++) {
      if ((h - first) % perLeaf == 0) {
        int number = leaves.size();
        leaves.add(draft.node(NodeKind.SWITCH, "leaf" + number, "leaf " + number, group));
      }
      String nic = host(draft, draft.host(h, group));
      draft.cable(nic, leaves.getLast(), LinkKind.INFINIBAND, rate);
    }
    List<String> spines = new ArrayList<>();
    if (options.hosts() > perLeaf) {
      double uplink = rate * perLeaf / options.oversubscription() / SPINES_PER_ZONE;
      for (int s = 0; s < SPINES_PER_ZONE; s++) {
        String spine = draft.node(NodeKind.SWITCH, "spine" + s, "spine " + s, group);
        leaves.forEach(leaf -> draft.cable(leaf, spine, LinkKind.INFINIBAND, uplink));
        spines.add(spine);
      }
    }
    return spines;
  }

  private static String host(Draft draft, String host) {
    List<String> domains = List.of(draft.numa(host, 0), draft.numa(host, 1));
    draft.cable(domains.get(0), domains.get(1), LinkKind.SMP, 0, null, null);
    for (int d = 0; d < DEVICES; d++) {
      String numa = domains.get(d * 2 / DEVICES);
      draft.pcie(numa, draft.device(numa, "gpu", d, "A100 PCIe"), 4, 16);
    }
    String nic = draft.nic(domains.get(0), 0);
    draft.pcie(domains.get(0), nic, 4, 16);
    return nic;
  }
}
