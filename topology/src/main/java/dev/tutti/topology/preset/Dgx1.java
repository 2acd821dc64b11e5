package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Eight V100 in a hybrid cube mesh: no switch between devices, and not every pair is joined.
final class Dgx1 implements Preset {
  private static final double LINK = 25e9;
  private static final double EDR = 12.5e9;
  private static final double QPI = 2 * 19.2e9;
  private static final int HOSTS_PER_LEAF = 32;

  // {device, device, NVLinks between them}: six links leave each device.
  private static final int[][] MESH = {
    {0, 1, 1}, {0, 2, 1}, {0, 3, 2}, {0, 4, 2}, {1, 2, 2}, {1, 3, 1}, {1, 5, 2}, {2, 3, 2},
    {2, 6, 1}, {3, 7, 1}, {4, 5, 1}, {4, 6, 1}, {4, 7, 2}, {5, 6, 2}, {5, 7, 1}, {6, 7, 2}
  };

  @Override
  public String name() {
    return "dgx-1";
  }

  @Override
  public String description() {
    return "8 x V100 in a hybrid cube mesh, 4 x 100 Gbit/s InfiniBand";
  }

  @Override
  public String source() {
    return "NVIDIA DGX-1 with Tesla V100 system architecture, WP-08437-002";
  }

  @Override
  public int defaultHosts() {
    return 1;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    int leaf = options.hostsPerLeafOr(HOSTS_PER_LEAF);
    FatTree network = new FatTree(draft, LinkKind.INFINIBAND, leaf, options.oversubscription(), 4);
    for (int h = 0; h < options.hosts(); h++) {
      List<String> nics = host(draft, draft.host(h));
      for (int rail = 0; rail < nics.size(); rail++) {
        network.join(h, rail, nics.get(rail), options.nicBytesPerSecondOr(EDR), null);
      }
    }
    network.finish();
    return draft.build();
  }

  private static List<String> host(Draft draft, String host) {
    List<String> devices = new ArrayList<>();
    List<String> nics = new ArrayList<>();
    List<String> domains = List.of(draft.numa(host, 0), draft.numa(host, 1));
    draft.cable(domains.get(0), domains.get(1), LinkKind.SMP, QPI);
    for (int b = 0; b < 4; b++) {
      String numa = domains.get(b / 2);
      String bridge = draft.bridge(numa, b);
      draft.pcie(numa, bridge, 3, 16);
      for (int d = 2 * b; d < 2 * b + 2; d++) {
        String device = draft.device(bridge, "gpu", d, "V100");
        draft.pcie(bridge, device, 3, 16);
        devices.add(device);
      }
      String nic = draft.nic(bridge, b);
      draft.pcie(bridge, nic, 3, 16);
      nics.add(nic);
    }
    for (int[] edge : MESH) {
      String a = devices.get(edge[0]);
      String b = devices.get(edge[1]);
      draft.cable(a, b, LinkKind.NVLINK, edge[2], edge[2] * LINK, null);
    }
    return nics;
  }
}
