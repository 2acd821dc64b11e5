package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;

/// Plain hosts in racks: one NIC each, one switch per rack, one switch above the racks.
final class EthernetRacks implements Preset {
  private static final int HOSTS_PER_RACK = 16;
  private static final double TEN_GIGABIT = 1.25e9;

  @Override
  public String name() {
    return "ethernet-racks";
  }

  @Override
  public String description() {
    return "hosts without devices in racks of 16, 10 Gbit/s Ethernet, one trunk per rack";
  }

  @Override
  public String source() {
    return "no particular machine; set the rate, the rack and the oversubscription";
  }

  @Override
  public int defaultHosts() {
    return 2 * HOSTS_PER_RACK;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    int perRack = options.hostsPerLeafOr(HOSTS_PER_RACK);
    double rate = options.nicBytesPerSecondOr(TEN_GIGABIT);
    int racks = Math.ceilDiv(options.hosts(), perRack);
    String core = racks < 2 ? "" : draft.node(NodeKind.SWITCH, "core", "core", null);
    String rack = "";
    String leaf = "";
    for (int h = 0; h < options.hosts(); h++) {
      if (h % perRack == 0) {
        int number = h / perRack;
        rack = draft.node(NodeKind.GROUP, "rack" + number, "rack " + number, null);
        leaf = draft.node(NodeKind.SWITCH, "leaf", "leaf " + number, rack);
        if (racks > 1) {
          double trunk = rate * perRack / options.oversubscription();
          draft.cable(leaf, core, LinkKind.ETHERNET, trunk);
        }
      }
      String numa = draft.numa(draft.host(h, rack), 0);
      draft.rank(numa);
      String nic = draft.nic(numa, 0);
      draft.pcie(numa, nic, 4, 8);
      draft.cable(nic, leaf, LinkKind.ETHERNET, rate);
    }
    return draft.build();
  }
}
