package dev.tutti.topology.discover;

import dev.tutti.bindings.nvml.NvmlDevice;
import dev.tutti.bindings.nvml.NvmlDevice.Remote;
import dev.tutti.bindings.nvml.NvmlReport;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Adds what NVML knows: numbers and names of NVIDIA's devices, and the NVLinks between them.
final class NvmlNodes {
  private static final String PLACE = "NVML";
  private static final String HIDDEN_SWITCH = "nvswitch";

  private final HostGraph graph;
  private final NvmlReport report;
  private final String origin;
  private final Map<Integer, String> ids = new LinkedHashMap<>();

  /// NVLinks of one device that lead to the same place, bonded.
  ///
  /// @param count how many
  /// @param bytesPerSecond of all together, null if one does not tell
  private record Bond(int count, @Nullable Double bytesPerSecond) {
    Bond plus(Bond other) {
      return new Bond(
          count + other.count,
          bytesPerSecond == null || other.bytesPerSecond == null
              ? null
              : Double.valueOf(bytesPerSecond + other.bytesPerSecond));
    }
  }

  private NvmlNodes(HostGraph graph, NvmlReport report) {
    this.graph = graph;
    this.report = report;
    this.origin = report.driver() == null ? PLACE : PLACE + " " + report.driver();
  }

  /// Adds what NVML told.
  static void addTo(HostGraph graph, NvmlReport report) {
    new NvmlNodes(graph, report).add();
  }

  private void add() {
    report.problems().forEach(problem -> graph.warn(PLACE, problem));
    for (NvmlDevice device : report.devices()) {
      String known = graph.at(device.pciAddress());
      String id = known == null ? addDevice(device) : known;
      ids.put(device.index(), id);
      graph.complete(
          id,
          Attribute.of(Attributes.INDEX, device.index()),
          Attribute.of(Attributes.MODEL_NAME, device.name()),
          Attribute.of(Attributes.UUID, device.uuid()),
          Attribute.of(Attributes.BUS_ID, device.pciAddress()));
    }
    report.devices().forEach(this::addLinks);
    checkBothSides();
  }

  /// A device that sysfs does not show, as in some containers.
  private String addDevice(NvmlDevice device) {
    String name = "gpu" + device.index();
    String id =
        graph.add(
            graph.has(graph.id(name)) ? name + "-nvml" : name,
            NodeKind.DEVICE,
            "GPU " + device.index(),
            null);
    Integer generation = device.pcieGeneration();
    Integer lanes = device.pcieLanes();
    PcieLink rate = generation == null || lanes == null ? null : PcieLink.of(generation, lanes);
    for (String domain : graph.numasOf(null)) {
      Link link = Link.of(domain, id, LinkKind.PCIE, null, origin);
      graph.cable(rate == null ? link : rate.on(link));
    }
    graph.note(id, "sysfs does not show it; how it hangs on the host is unknown");
    return id;
  }

  private void addLinks(NvmlDevice device) {
    String id = Objects.requireNonNull(ids.get(device.index()));
    Map<String, Bond> bonds = new LinkedHashMap<>();
    for (NvmlDevice.Link link : device.links()) {
      String remote = remote(id, link);
      if (remote != null) {
        bonds.merge(remote, new Bond(1, link.bytesPerSecond()), Bond::plus);
      }
    }
    bonds.forEach((remote, bond) -> {
      boolean toSwitch = graph.node(remote).kind() == NodeKind.SWITCH;
      Link link =
          Link.of(
                  id,
                  remote,
                  toSwitch ? LinkKind.NVSWITCH : LinkKind.NVLINK,
                  bond.bytesPerSecond(),
                  origin)
              .withLanes(bond.count());
      graph.link(link);
      if (toSwitch) {
        graph.link(link.reversed()); // NVML tells a switch's links from the devices' side only
      }
    });
  }

  /// Returns the node at the other end of an NVLink; null, with a note, if that is not known.
  private @Nullable String remote(String id, NvmlDevice.Link link) {
    String known = graph.at(link.remoteAddress());
    if (known != null) {
      return known;
    }
    if (link.remote() == Remote.SWITCH) {
      return link.remoteAddress() == null ? hiddenSwitch() : addSwitch(link.remoteAddress());
    }
    graph.note(
        id,
        "NVLink "
            + link.number()
            + " leads to "
            + (link.remoteAddress() == null
                ? "something that NVML does not tell"
                : link.remoteAddress() + ", which is not in sight"));
    return null;
  }

  private String addSwitch(String address) {
    return graph.add(
        "nvswitch-" + address,
        NodeKind.SWITCH,
        "NVSwitch " + address,
        null,
        Attribute.of(Attributes.BUS_ID, address));
  }

  private String hiddenSwitch() {
    String id = graph.id(HIDDEN_SWITCH);
    if (!graph.has(id)) {
      graph.add(HIDDEN_SWITCH, NodeKind.SWITCH, "NVSwitch", null);
      graph.note(id, "NVSwitches do not show themselves; one node stands for all");
    }
    return id;
  }

  /// Each device tells its own end of an NVLink; both should tell the same.
  private void checkBothSides() {
    List<Link> links =
        graph.links().stream().filter(link -> link.kind() == LinkKind.NVLINK).toList();
    for (Link link : links) {
      int back =
          links.stream()
              .filter(each -> each.from().equals(link.to()) && each.to().equals(link.from()))
              .mapToInt(Link::lanes)
              .sum();
      if (back < link.lanes()) {
        graph.warn(
            link.from() + " -> " + link.to(),
            link.lanes() + " NVLinks are up, but only " + back + " the other way");
      }
    }
  }
}
