package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A network of leaf and spine switches with one plane of leaves per rail: NIC r of every host goes
/// to a leaf of rail r, and the spines join all leaves.
///
/// A leaf's uplinks together have the capacity of its hosts divided by the oversubscription, spread
/// evenly over the spines. A single leaf needs no spine.
final class FatTree {
  private final Draft draft;
  private final LinkKind kind;
  private final int hostsPerLeaf;
  private final double oversubscription;
  private final int spines;
  private final List<List<String>> leavesByRail = new ArrayList<>();
  private final List<Double> leafBytesPerSecond = new ArrayList<>();

  FatTree(Draft draft, LinkKind kind, int hostsPerLeaf, double oversubscription, int spines) {
    this.draft = draft;
    this.kind = kind;
    this.hostsPerLeaf = hostsPerLeaf;
    this.oversubscription = oversubscription;
    this.spines = spines;
  }

  /// Joins a NIC to its leaf, which is made when its first host comes. Hosts come in order.
  void join(
      int host, int rail, String nic, double bytesPerSecond, @Nullable Double latencySeconds) {
    while (leavesByRail.size() <= rail) {
      leavesByRail.add(new ArrayList<>());
      leafBytesPerSecond.add(bytesPerSecond * hostsPerLeaf);
    }
    List<String> leaves = leavesByRail.get(rail);
    int number = host / hostsPerLeaf;
    if (leaves.size() <= number) {
      String suffix = number + (rail == 0 && leavesByRail.size() == 1 ? "" : "-" + rail);
      leaves.add(draft.node(NodeKind.SWITCH, "leaf" + suffix, "leaf " + suffix, null));
    }
    draft.cable(nic, leaves.get(number), kind, 0, bytesPerSecond, latencySeconds);
  }

  /// Adds the spines and joins every leaf to each, when all hosts are there.
  void finish() {
    int leaves = leavesByRail.stream().mapToInt(List::size).sum();
    if (leaves < 2) {
      return;
    }
    List<String> names = new ArrayList<>();
    for (int s = 0; s < spines; s++) {
      names.add(draft.node(NodeKind.SWITCH, "spine" + s, "spine " + s, null));
    }
    for (int rail = 0; rail < leavesByRail.size(); rail++) {
      double uplink = leafBytesPerSecond.get(rail) / oversubscription / spines;
      for (String leaf : leavesByRail.get(rail)) {
        for (String spine : names) {
          draft.cable(leaf, spine, kind, uplink);
        }
      }
    }
  }
}
