package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Adds what hangs on PCI Express and matters for moving data: accelerators, NVSwitches, and the
/// bridges on the way to them and to NICs.
final class PciTree {
  private static final String HUAWEI = "0x19e5";

  private final HostGraph graph;
  private final Map<String, PciFunction> functions;
  private final @Nullable HwlocView hwloc;
  private final Map<String, Integer> counts = new HashMap<>();

  /// Prepares to add functions.
  ///
  /// @param functions all of the host by address
  /// @param hwloc what hwloc says of them, null if it is not there
  PciTree(HostGraph graph, Map<String, PciFunction> functions, @Nullable HwlocView hwloc) {
    this.graph = graph;
    this.functions = functions;
    this.hwloc = hwloc;
  }

  /// Returns a function, null if there is none at that address.
  @Nullable PciFunction function(@Nullable String address) {
    return address == null ? null : functions.get(address);
  }

  /// Returns all functions of the host in the order of their addresses.
  Collection<PciFunction> functions() {
    return functions.values();
  }

  /// Adds all accelerators and NVSwitches in the order of their addresses, which is how their
  /// drivers count them unless told otherwise.
  ///
  /// @param npusAreApart whether NPUs come from elsewhere, so that their functions are no devices
  void addDevices(boolean npusAreApart) {
    for (PciFunction function : functions.values()) {
      // A virtual function that nobody drives is no device yet.
      boolean idle = function.physicalFunction() != null && function.driver() == null;
      if (function.isNvSwitch()) {
        attach(function, next("nvswitch"), NodeKind.SWITCH, "NVSwitch");
      } else if (function.isAccelerator() && !idle) {
        addAccelerator(function, npusAreApart);
      }
    }
  }

  private void addAccelerator(PciFunction function, boolean npusAreApart) {
    boolean npu = function.vendor().equals(HUAWEI);
    if (npu && npusAreApart) {
      String address = function.address();
      attach(function, address, NodeKind.PCI_BRIDGE, "function of an NPU at " + address);
      return;
    }
    String name = next(npu ? "npu" : "gpu");
    attach(function, name, NodeKind.DEVICE, (npu ? "NPU " : "GPU ") + name.substring(3));
  }

  private String next(String prefix) {
    return prefix + (counts.merge(prefix, 1, Integer::sum) - 1);
  }

  /// Adds a node for a function and joins it with its bridge, and that with what is above it. If
  /// there is a node already, completes it.
  ///
  /// @return the node's id
  String attach(PciFunction function, String name, NodeKind kind, String display) {
    String known = graph.at(function.address());
    String id = known != null ? known : graph.add(name, kind, display, null);
    graph.complete(
        id,
        Attribute.of(Attributes.BUS_ID, function.address()),
        Attribute.of(Attributes.PCI_CLASS, function.pciClass()),
        Attribute.of(Attributes.VENDOR, function.vendor()),
        Attribute.of(Attributes.MODEL, function.device()),
        // A NIC's interface has a driver of its own, which says more.
        Attribute.of(Attributes.DRIVER, kind == NodeKind.NIC ? null : function.driver()));
    Map<String, String> names =
        hwloc == null ? Map.of() : hwloc.names().getOrDefault(function.address(), Map.of());
    names.forEach((key, value) -> graph.complete(id, Attribute.of(key, value)));
    join(function, id, function.bridges().size());
    return id;
  }

  /// Joins the node of a function with the bridge above it.
  ///
  /// @param depth how many bridges are above the function
  private void join(PciFunction function, String id, int depth) {
    if (depth == 0) {
      cable(root(function), id, function, function.isBridge() ? null : function, null);
      return;
    }
    String address = function.bridges().get(depth - 1);
    PciFunction bridge = functions.get(address);
    String above = graph.at(address);
    if (above == null) {
      above =
          graph.add(
              address,
              NodeKind.PCI_BRIDGE,
              "PCI " + address,
              null,
              Attribute.of(Attributes.BUS_ID, address),
              Attribute.of(Attributes.PCI_CLASS, bridge == null ? null : bridge.pciClass()),
              Attribute.of(Attributes.VENDOR, bridge == null ? null : bridge.vendor()),
              Attribute.of(Attributes.MODEL, bridge == null ? null : bridge.device()));
    }
    if (bridge != null) {
      join(bridge, above, depth - 1);
    }
    // Ports alternate: a root port, then per switch one that faces up and those that face down. A
    // wire leads from a port that faces down; the way through a switch tells no rate.
    boolean wire = depth % 2 == 1 || !function.isBridge();
    cable(above, id, function, wire ? function : null, depth % 2 == 1 ? bridge : null);
  }

  /// Adds the link between a bridge and what is below it, unless it is there.
  ///
  /// @param end the function at the lower end of a wire, null where there is no wire
  /// @param port the function at its upper end, null if unknown
  private void cable(
      String above,
      String below,
      PciFunction function,
      @Nullable PciFunction end,
      @Nullable PciFunction port) {
    if (!graph.linked(above, below)) {
      Link link = Link.of(above, below, LinkKind.PCIE, null, HostGraph.SYSFS);
      graph.cable(end == null ? link : withRate(link, function, end, port));
    }
  }

  /// Idle devices lower their rate, so it is taken from what both ends can do. Width stays as it
  /// was trained: lanes that did not come up are missing for good.
  private Link withRate(
      Link link, PciFunction function, PciFunction end, @Nullable PciFunction port) {
    PcieLink most = PcieLink.min(end.max(), port == null ? null : port.max());
    PcieLink now = end.current() != null || port == null ? end.current() : port.current();
    if (most == null && now == null) {
      return link;
    }
    PcieLink best = most == null ? Objects.requireNonNull(now) : most;
    int lanes = now == null ? best.lanes() : now.lanes();
    if (lanes < best.lanes()) {
      graph.warn(
          link.to(), "PCI Express runs at " + lanes + " lanes, both ends have " + best.lanes());
    }
    if (now != null && now.generation() < best.generation() && function.isNic()) {
      graph.warn(
          link.to(),
          "PCI Express runs at generation %d, both ends can do %d"
              .formatted(now.generation(), best.generation()));
    }
    return new PcieLink(best.generation(), lanes).on(link);
  }

  /// Returns the node of a root bus; adds and joins it with its memory domain if it is new.
  private String root(PciFunction function) {
    String id = graph.id(function.root());
    if (graph.has(id)) {
      return id;
    }
    graph.add(function.root(), NodeKind.PCI_BRIDGE, "PCI root " + function.root(), null);
    Integer number = domain(function.root());
    List<String> domains = graph.numasOf(number);
    domains.forEach(domain -> graph.cable(domain, id, LinkKind.PCIE, HostGraph.SYSFS));
    if (domains.size() > 1) {
      graph.note(id, "its NUMA domain is unknown; it is joined with all " + domains.size());
    }
    return id;
  }

  private @Nullable Integer domain(String root) {
    List<PciFunction> below =
        functions.values().stream().filter(function -> function.root().equals(root)).toList();
    for (PciFunction function : below) {
      if (function.numa() != null) {
        return function.numa();
      }
    }
    for (PciFunction function : below) {
      Integer near = hwloc == null ? null : hwloc.numas().get(function.address());
      if (near != null) {
        return near;
      }
    }
    return null;
  }
}
