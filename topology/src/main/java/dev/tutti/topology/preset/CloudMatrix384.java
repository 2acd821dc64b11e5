package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// A super-node of 48 hosts with eight 910C each, all on one unified bus of seven planes.
final class CloudMatrix384 implements Preset {
  private static final int HOSTS_PER_SUPER_NODE = 48;
  private static final int DIES = 16;
  private static final int PLANES = 7;
  private static final int TOP_SWITCHES_PER_PLANE = 16;
  private static final double UB_PER_PLANE = 196e9 / PLANES;
  private static final double SIO = 224e9;
  private static final double SIO_LATENCY = 0.2e-6;
  private static final double ROCE = 25e9;

  @Override
  public String name() {
    return "cloudmatrix-384";
  }

  @Override
  public String description() {
    return "48 hosts x 8 x 910C on a unified bus of seven planes, 400 Gbit/s RoCE per 910C";
  }

  @Override
  public String source() {
    return "arXiv 2506.12708: UB 392 GB/s per 910C one way, 336 L1 and 112 L2 switches, non-blocking"
        + "; SIO from msmodeling";
  }

  @Override
  public int defaultHosts() {
    return HOSTS_PER_SUPER_NODE;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    int perPod = options.hostsPerLeafOr(HOSTS_PER_SUPER_NODE);
    double rate = options.nicBytesPerSecondOr(ROCE);
    FatTree network = new FatTree(draft, LinkKind.ROCE, perPod, options.oversubscription(), DIES);
    String pod = "";
    List<List<String>> top = List.of();
    for (int h = 0; h < options.hosts(); h++) {
      if (h % perPod == 0) {
        int number = h / perPod;
        pod = draft.node(NodeKind.GROUP, "pod" + number, "super-node " + number, null);
        top = topSwitches(draft, pod);
      }
      List<String> nics = host(draft, draft.host(h, pod), top);
      for (int rail = 0; rail < nics.size(); rail++) {
        network.join(h, rail, nics.get(rail), rate, null);
      }
    }
    network.finish();
    return draft.build();
  }

  private static List<List<String>> topSwitches(Draft draft, String pod) {
    List<List<String>> planes = new ArrayList<>();
    for (int p = 0; p < PLANES; p++) {
      List<String> plane = new ArrayList<>();
      for (int s = 0; s < TOP_SWITCHES_PER_PLANE; s++) {
        String name = "l2-" + p + "-" + s;
        plane.add(draft.node(NodeKind.SWITCH, name, "UB L2 " + p + "." + s, pod));
      }
      planes.add(plane);
    }
    return planes;
  }

  private static List<String> host(Draft draft, String host, List<List<String>> top) {
    List<String> leaves = new ArrayList<>();
    for (int p = 0; p < PLANES; p++) {
      String leaf = draft.node(NodeKind.SWITCH, "l1-" + p, "UB L1 " + p, host);
      double uplink = DIES * UB_PER_PLANE / TOP_SWITCHES_PER_PLANE;
      top.get(p).forEach(spine -> draft.cable(leaf, spine, LinkKind.UB, uplink));
      leaves.add(leaf);
    }
    List<String> nics = new ArrayList<>();
    String previous = "";
    for (int d = 0; d < DIES; d++) {
      String die = draft.device(host, "npu", d, "910C die");
      leaves.forEach(leaf -> draft.cable(die, leaf, LinkKind.UB, UB_PER_PLANE));
      if (d % 2 == 1) {
        draft.cable(previous, die, LinkKind.SIO, 0, SIO, SIO_LATENCY);
      }
      String nic = draft.nic(host, d);
      draft.cable(die, nic, LinkKind.UNKNOWN, 0, null, null);
      nics.add(nic);
      previous = die;
    }
    return nics;
  }
}
