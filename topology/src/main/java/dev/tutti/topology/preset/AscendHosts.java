package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Hosts with eight Ascend devices joined directly by HCCS, each with its own RoCE port.
///
/// @param name name of the preset
/// @param description what it is
/// @param source where the figures are from
/// @param model the device
/// @param links pairs of devices that HCCS joins
/// @param hccsBytesPerSecond one such link, one direction
/// @param hccsLatencySeconds its latency, negative if unknown
/// @param nicBytesPerSecond a device's RoCE port, one direction
/// @param nicLatencySeconds its latency, negative if unknown
/// @param pcieGeneration generation of the links to the processors
record AscendHosts(
    String name,
    String description,
    String source,
    String model,
    List<int[]> links,
    double hccsBytesPerSecond,
    double hccsLatencySeconds,
    double nicBytesPerSecond,
    double nicLatencySeconds,
    int pcieGeneration)
    implements Preset {

  private static final int DEVICES = 8;
  private static final int NUMA_DOMAINS = 4;
  private static final int HOSTS_PER_LEAF = 32;

  static final AscendHosts ASCEND_910A =
      new AscendHosts(
          "ascend-910a",
          "Atlas 800-9000: 8 x 910A in two HCCS rings of 4, 100 Gbit/s RoCE per device",
          "Ascend mind-cluster documents; HCCS by HCCL's constant of 10 GB/s for a step of a ring",
          "910A",
          rings(),
          10e9,
          -1,
          12.5e9,
          -1,
          4);

  static final AscendHosts ASCEND_910B =
      new AscendHosts(
          "ascend-910b",
          "Atlas 800T A2: 8 x 910B in a full HCCS mesh, 200 Gbit/s RoCE per device",
          "Ascend mind-cluster and msmodeling documents: 7 x 56 GB/s both ways, 0.5 and 1.5 us",
          "910B",
          mesh(),
          28e9,
          0.5e-6,
          25e9,
          1.5e-6,
          4);

  private static List<int[]> rings() {
    List<int[]> pairs = new ArrayList<>();
    for (int d = 0; d < DEVICES; d++) {
      int ring = d / 4 * 4;
      pairs.add(new int[] {d, ring + (d + 1) % 4});
    }
    return List.copyOf(pairs);
  }

  private static List<int[]> mesh() {
    List<int[]> pairs = new ArrayList<>();
    for (int a = 0; a < DEVICES; a++) {
      for (int b = a + 1; b < DEVICES; b++) {
        pairs.add(new int[] {a, b});
      }
    }
    return List.copyOf(pairs);
  }

  @Override
  public int defaultHosts() {
    return 1;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    FatTree network =
        new FatTree(
            draft,
            LinkKind.ROCE,
            options.hostsPerLeafOr(HOSTS_PER_LEAF),
            options.oversubscription(),
            DEVICES);
    double rate = options.nicBytesPerSecondOr(nicBytesPerSecond);
    Double latency = nicLatencySeconds < 0 ? null : Double.valueOf(nicLatencySeconds);
    for (int h = 0; h < options.hosts(); h++) {
      List<String> nics = host(draft, draft.host(h));
      for (int rail = 0; rail < nics.size(); rail++) {
        network.join(h, rail, nics.get(rail), rate, latency);
      }
    }
    network.finish();
    return draft.build();
  }

  private List<String> host(Draft draft, String host) {
    List<String> domains = new ArrayList<>();
    for (int n = 0; n < NUMA_DOMAINS; n++) {
      domains.add(draft.numa(host, n));
      for (int other = 0; other < n; other++) {
        draft.cable(domains.get(other), domains.get(n), LinkKind.SMP, 0, null, null);
      }
    }
    List<String> devices = new ArrayList<>();
    List<String> nics = new ArrayList<>();
    for (int d = 0; d < DEVICES; d++) {
      String numa = domains.get(d * NUMA_DOMAINS / DEVICES);
      String device = draft.device(numa, "npu", d, model);
      draft.pcie(numa, device, pcieGeneration, 16);
      String nic = draft.nic(numa, d);
      // The port is part of the device: data does not pass the host.
      draft.cable(device, nic, LinkKind.UNKNOWN, 0, null, null);
      devices.add(device);
      nics.add(nic);
    }
    Double latency = hccsLatencySeconds < 0 ? null : Double.valueOf(hccsLatencySeconds);
    for (int[] pair : links) {
      String a = devices.get(pair[0]);
      String b = devices.get(pair[1]);
      draft.cable(a, b, LinkKind.HCCS, 0, hccsBytesPerSecond, latency);
    }
    return nics;
  }
}
