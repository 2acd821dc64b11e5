package dev.tutti.topology.preset;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final List<Port> ports = new ArrayList<>();

  private record Port(
      int host, int rail, String nic, double bytesPerSecond, @Nullable Double latencySeconds) {}

  private record Leaf(int rail, int number) {
    String name(int rails) {
      return "leaf" + number + (rails == 1 ? "" : "-" + rail);
    }

    String title(int rails) {
      return "leaf " + number + (rails == 1 ? "" : ", rail " + rail);
    }
  }

  FatTree(Draft draft, LinkKind kind, int hostsPerLeaf, double oversubscription, int spines) {
    this.draft = draft;
    this.kind = kind;
    this.hostsPerLeaf = hostsPerLeaf;
    this.oversubscription = oversubscription;
    this.spines = spines;
  }

  /// Joins a NIC to its leaf.
  void join(
      int host, int rail, String nic, double bytesPerSecond, @Nullable Double latencySeconds) {
    ports.add(new Port(host, rail, nic, bytesPerSecond, latencySeconds));
  }

  /// Adds the switches, when all hosts are there.
  void finish() {
    int rails = 1 + ports.stream().mapToInt(Port::rail).max().orElse(0);
    Map<Leaf, String> leaves = new LinkedHashMap<>();
    double rate = 0;
    for (Port port : ports) {
      Leaf leaf = new Leaf(port.rail(), port.host() / hostsPerLeaf);
      String id =
          leaves.computeIfAbsent(
              leaf, l -> draft.node(NodeKind.SWITCH, l.name(rails), l.title(rails), null));
      draft.cable(port.nic(), id, kind, 0, port.bytesPerSecond(), port.latencySeconds());
      rate = port.bytesPerSecond();
    }
    if (leaves.size() < 2) {
      return;
    }
    double uplink = rate * hostsPerLeaf / oversubscription / spines;
    for (int s = 0; s < spines; s++) {
      String spine = draft.node(NodeKind.SWITCH, "spine" + s, "spine " + s, null);
      leaves.values().forEach(leaf -> draft.cable(leaf, spine, kind, uplink));
    }
  }
}
