package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Racks of 18 trays with four B200 each, all 72 behind 18 NVSwitches.
final class Gb200Nvl72 implements Preset {
  private static final int TRAYS_PER_RACK = 18;
  private static final int SWITCHES = 18;
  private static final int DEVICES = 4;
  private static final double LINK = 50e9;
  private static final double C2C = 225e9;
  private static final double NDR = 50e9;
  private static final double GRACE_TO_GRACE = 300e9;

  @Override
  public String name() {
    return "gb200-nvl72";
  }

  @Override
  public String description() {
    return "racks of 18 hosts x 4 B200 in one NVLink domain, 400 Gbit/s InfiniBand per device";
  }

  @Override
  public String source() {
    return "NVIDIA GB200 NVL72 data sheet: 18 NVLinks of 50 GB/s, one per NVSwitch; NVLink-C2C"
        + " 900 GB/s both ways for the two devices of a Grace";
  }

  @Override
  public int defaultHosts() {
    return TRAYS_PER_RACK;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    int leaf = options.hostsPerLeafOr(TRAYS_PER_RACK);
    FatTree network =
        new FatTree(draft, LinkKind.INFINIBAND, leaf, options.oversubscription(), DEVICES);
    List<String> switches = new ArrayList<>();
    String rack = "";
    for (int h = 0; h < options.hosts(); h++) {
      if (h % TRAYS_PER_RACK == 0) {
        int number = h / TRAYS_PER_RACK;
        rack = draft.node(NodeKind.GROUP, "rack" + number, "NVL72 rack " + number, null);
        switches = switches(draft, rack);
      }
      List<String> nics = tray(draft, draft.host(h, rack), switches);
      for (int rail = 0; rail < nics.size(); rail++) {
        network.join(h, rail, nics.get(rail), options.nicBytesPerSecondOr(NDR), null);
      }
    }
    network.finish();
    return draft.build();
  }

  private static List<String> switches(Draft draft, String rack) {
    List<String> switches = new ArrayList<>();
    for (int s = 0; s < SWITCHES; s++) {
      switches.add(draft.node(NodeKind.SWITCH, "nvswitch" + s, "NVSwitch " + s, rack));
    }
    return switches;
  }

  private static List<String> tray(Draft draft, String host, List<String> switches) {
    List<String> nics = new ArrayList<>();
    List<String> domains = List.of(draft.numa(host, 0), draft.numa(host, 1));
    draft.cable(domains.get(0), domains.get(1), LinkKind.SMP, GRACE_TO_GRACE);
    for (int d = 0; d < DEVICES; d++) {
      String numa = domains.get(d / 2);
      String device = draft.device(numa, "gpu", d, "B200");
      draft.cable(numa, device, LinkKind.C2C, C2C);
      switches.forEach(s -> draft.cable(device, s, LinkKind.NVSWITCH, 1, LINK, null));
      String nic = draft.nic(numa, d);
      draft.pcie(numa, nic, 5, 16);
      nics.add(nic);
    }
    return nics;
  }
}
