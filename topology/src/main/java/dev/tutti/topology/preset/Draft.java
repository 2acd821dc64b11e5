package dev.tutti.topology.preset;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.PcieRate;
import dev.tutti.topology.Topology;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A topology in the making, with the words that presets are written in.
final class Draft {
  private final Topology.Builder builder;
  private final String origin;
  private int ranks;

  Draft(Preset preset, PresetOptions options) {
    builder = Topology.builder(preset.name() + " x " + options.hosts());
    builder.attribute(Attributes.SOURCE, "preset " + preset.name() + ": " + preset.source());
    origin = "preset " + preset.name();
  }

  Topology build() {
    return builder.build();
  }

  /// Adds a node inside of another and returns its id: the parent's id, a slash, the name.
  String node(NodeKind kind, String name, String title, @Nullable String parent) {
    String id = parent == null ? name : parent + "/" + name;
    builder.node(id, kind, title, parent);
    return id;
  }

  String host(int number) {
    return host(number, null);
  }

  String host(int number, @Nullable String group) {
    return node(NodeKind.HOST, "host" + number, "host " + number, group);
  }

  String numa(String host, int number) {
    return indexed(NodeKind.NUMA, "numa" + number, "NUMA " + number, host, number, Map.of());
  }

  String bridge(String numa, int number) {
    return node(NodeKind.PCI_BRIDGE, "pci" + number, "PCIe " + number, numa);
  }

  /// Adds a device with the next rank.
  String device(String parent, String name, int number, String model) {
    String id =
        indexed(
            NodeKind.DEVICE,
            name + number,
            name.toUpperCase(java.util.Locale.ROOT) + " " + number,
            parent,
            number,
            model(model));
    rank(id);
    return id;
  }

  private static Map<String, String> model(String model) {
    Map<String, String> attributes = new LinkedHashMap<>(Map.of(Attributes.MODEL, model));
    String capability =
        switch (model) {
          case "V100" -> "70";
          case "A100", "A100 PCIe" -> "80";
          case "H100", "H800", "H200" -> "90";
          case "B200" -> "100";
          default -> "";
        };
    if (!capability.isEmpty()) {
      attributes.put(Attributes.COMPUTE_CAPABILITY, capability);
    }
    return attributes;
  }

  String nic(String parent, int number) {
    return indexed(NodeKind.NIC, "nic" + number, "NIC " + number, parent, number, Map.of());
  }

  private String indexed(
      NodeKind kind,
      String name,
      String title,
      String parent,
      int index,
      Map<String, String> more) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put(Attributes.INDEX, String.valueOf(index));
    attributes.putAll(more);
    String id = parent + "/" + name;
    builder.node(new Node(id, kind, title, parent, attributes));
    return id;
  }

  /// Places the next rank.
  void rank(String node) {
    builder.rank(ranks++, node);
  }

  /// Joins two nodes both ways, each way with the given capacity.
  void cable(String a, String b, LinkKind kind, double bytesPerSecond) {
    cable(a, b, kind, 0, bytesPerSecond, null);
  }

  void cable(
      String a,
      String b,
      LinkKind kind,
      int lanes,
      @Nullable Double bytesPerSecond,
      @Nullable Double latencySeconds) {
    builder.cable(
        Link.of(a, b, kind, bytesPerSecond, origin).withLanes(lanes).withLatency(latencySeconds));
  }

  void pcie(String a, String b, int generation, int lanes) {
    Link link =
        Link.of(a, b, LinkKind.PCIE, new PcieRate(generation).bytesPerSecond(lanes), origin)
            .withLanes(lanes)
            .withAttribute(Attributes.PCIE_GENERATION, String.valueOf(generation));
    builder.cable(link);
  }
}
