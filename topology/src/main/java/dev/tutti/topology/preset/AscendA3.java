package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/// Hosts with eight 910C of two dies each behind HCCS switches; the switches of a super-pod are
/// joined, super-pods by RoCE.
final class AscendA3 implements Preset {
  private static final int DIES = 16;
  private static final int HOSTS_PER_POD = 24;
  private static final double HCCS = 196e9;
  private static final double HCCS_LATENCY = 0.5e-6;
  private static final double SIO = 224e9;
  private static final double SIO_LATENCY = 0.2e-6;
  private static final double ROCE = 24.5e9;
  private static final double ROCE_LATENCY = 5.5e-6;

  @Override
  public String name() {
    return "ascend-a3";
  }

  @Override
  public String description() {
    return "Atlas A3: 8 x 910C (16 dies) per host, HCCS switches inside a super-pod, RoCE between";
  }

  @Override
  public String source() {
    return "Ascend msmodeling: SIO 224 GB/s 0.2 us, HCCS 196 GB/s per die 0.5 us, RoCE 24.5 GB/s"
        + " 5.5 us";
  }

  @Override
  public int defaultHosts() {
    return 2;
  }

  @Override
  public Topology make(PresetOptions options) {
    Draft draft = new Draft(this, options);
    int perPod = options.hostsPerLeafOr(HOSTS_PER_POD);
    double rate = options.nicBytesPerSecondOr(ROCE);
    FatTree network =
        new FatTree(draft, LinkKind.ROCE, perPod, options.oversubscription(), DIES / 2);
    String pod = "";
    String top = "";
    for (int h = 0; h < options.hosts(); h++) {
      if (h % perPod == 0) {
        int number = h / perPod;
        pod = draft.node(NodeKind.GROUP, "pod" + number, "super-pod " + number, null);
        top = draft.node(NodeKind.SWITCH, "hccs", "HCCS level 2", pod);
      }
      String host = draft.host(h, pod);
      String leaf = draft.node(NodeKind.SWITCH, "hccs", "HCCS switch", host);
      draft.cable(leaf, top, LinkKind.HCCS_SWITCH, DIES * HCCS);
      List<String> nics = dies(draft, host, leaf);
      for (int rail = 0; rail < nics.size(); rail++) {
        network.join(h, rail, nics.get(rail), rate, ROCE_LATENCY);
      }
    }
    network.finish();
    return draft.build();
  }

  private static List<String> dies(Draft draft, String host, String leaf) {
    List<String> nics = new ArrayList<>();
    String previous = "";
    for (int d = 0; d < DIES; d++) {
      String die = draft.device(host, "npu", d, "910C die");
      draft.cable(die, leaf, LinkKind.HCCS_SWITCH, 0, HCCS, HCCS_LATENCY);
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
