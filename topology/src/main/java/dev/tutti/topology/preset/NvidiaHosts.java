package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Hosts with eight NVIDIA devices behind NVSwitches and a NIC for each, in a rail-optimised fat
/// tree.
///
/// @param name name of the preset
/// @param description what it is
/// @param source where the figures are from
/// @param defaultHosts hosts if nobody says
/// @param model the device
/// @param linkBytesPerSecond one NVLink, one direction
/// @param linksPerSwitch NVLinks from each device to each NVSwitch
/// @param pcieGeneration generation of the PCI Express links, all with 16 lanes
/// @param devicesPerBridge devices, and as many NICs, behind one PCI Express switch
/// @param nicBytesPerSecond a NIC, one direction
record NvidiaHosts(
    String name,
    String description,
    String source,
    int defaultHosts,
    String model,
    double linkBytesPerSecond,
    List<Integer> linksPerSwitch,
    int pcieGeneration,
    int devicesPerBridge,
    double nicBytesPerSecond)
    implements Preset {

  private static final int DEVICES = 8;
  private static final int NUMA_DOMAINS = 2;
  private static final int HOSTS_PER_LEAF = 32;
  private static final double HDR = 25e9;
  private static final double NDR = 50e9;

  static final NvidiaHosts A100 =
      new NvidiaHosts(
          "hgx-a100",
          "8 x A100, 6 NVSwitches, 8 x 200 Gbit/s InfiniBand",
          "NVIDIA DGX A100 system architecture; 12 NVLinks of 25 GB/s",
          1,
          "A100",
          25e9,
          List.of(2, 2, 2, 2, 2, 2),
          4,
          2,
          HDR);

  static final NvidiaHosts H100 =
      new NvidiaHosts(
          "hgx-h100",
          "8 x H100, 4 NVSwitches, 8 x 400 Gbit/s InfiniBand",
          "NVIDIA DGX H100 user guide; 18 NVLinks of 25 GB/s, 5 + 4 + 4 + 5 per switch",
          1,
          "H100",
          25e9,
          List.of(5, 4, 4, 5),
          5,
          1,
          NDR);

  static final NvidiaHosts H800 =
      new NvidiaHosts(
          "hgx-h800",
          "8 x H800: H100 with 8 instead of 18 NVLinks, 8 x 400 Gbit/s InfiniBand",
          "arXiv 2412.19437 section 3.1, arXiv 2505.09343: 400 GB/s NVLink both ways together",
          1,
          "H800",
          25e9,
          List.of(2, 2, 2, 2),
          5,
          1,
          NDR);

  static final NvidiaHosts H200 =
      new NvidiaHosts(
          "hgx-h200",
          "8 x H200, 4 NVSwitches, 8 x 400 Gbit/s InfiniBand",
          "NVIDIA DGX H200 user guide; NVLink as H100",
          1,
          "H200",
          25e9,
          List.of(5, 4, 4, 5),
          5,
          1,
          NDR);

  static final NvidiaHosts B200 =
      new NvidiaHosts(
          "hgx-b200",
          "8 x B200, 2 NVSwitches, 8 x 400 Gbit/s InfiniBand",
          "NVIDIA DGX B200 user guide; 18 NVLinks of 50 GB/s, 9 per switch",
          1,
          "B200",
          50e9,
          List.of(9, 9),
          5,
          1,
          NDR);

  static final NvidiaHosts R1 =
      new NvidiaHosts(
          "deepseek-r1",
          "64 hosts of 8 x H800: the 512 devices of DeepSeek-R1",
          "arXiv 2501.12948 (64 x 8 H800), otherwise hgx-h800",
          64,
          "H800",
          25e9,
          List.of(2, 2, 2, 2),
          5,
          1,
          NDR);

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    FatTree network =
        new FatTree(
            draft,
            LinkKind.INFINIBAND,
            options.hostsPerLeafOr(HOSTS_PER_LEAF),
            options.oversubscription(),
            DEVICES);
    double nicRate = options.nicBytesPerSecondOr(nicBytesPerSecond);
    for (int h = 0; h < options.hosts(); h++) {
      List<String> nics = host(draft, draft.host(h));
      for (int rail = 0; rail < nics.size(); rail++) {
        network.join(h, rail, nics.get(rail), nicRate, null);
      }
    }
    network.finish();
    return draft.build();
  }

  private List<String> host(Draft draft, String host) {
    List<String> switches = new ArrayList<>();
    for (int s = 0; s < linksPerSwitch.size(); s++) {
      switches.add(draft.node(NodeKind.SWITCH, "nvswitch" + s, "NVSwitch " + s, host));
    }
    List<String> nics = new ArrayList<>();
    List<String> domains = List.of(draft.numa(host, 0), draft.numa(host, 1));
    draft.cable(domains.get(0), domains.get(1), LinkKind.SMP, 0, null, null);
    String bridge = "";
    for (int d = 0; d < DEVICES; d++) {
      String numa = domains.get(d * NUMA_DOMAINS / DEVICES);
      if (d % devicesPerBridge == 0) {
        bridge = draft.bridge(numa, d / devicesPerBridge);
        draft.pcie(numa, bridge, pcieGeneration, 16);
      }
      String device = draft.device(bridge, "gpu", d, model);
      String nic = draft.nic(bridge, d);
      draft.pcie(bridge, device, pcieGeneration, 16);
      draft.pcie(bridge, nic, pcieGeneration, 16);
      nics.add(nic);
      for (int s = 0; s < switches.size(); s++) {
        int links = linksPerSwitch.get(s);
        double rate = links * linkBytesPerSecond;
        draft.cable(device, switches.get(s), LinkKind.NVSWITCH, links, rate, null);
      }
    }
    return nics;
  }
}
