package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.discover.NetworkInterface.Kind;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Adds NICs, how they hang on the host, and the networks they lead to.
final class NicNodes {
  private final HostGraph graph;
  private final PciTree pci;
  private final List<Nic> nics;
  private final Map<Nic, String> ids = new LinkedHashMap<>();

  private NicNodes(HostGraph graph, PciTree pci, List<Nic> nics) {
    this.graph = graph;
    this.pci = pci;
    this.nics = nics;
  }

  /// Adds all NICs of the network namespace, and network adapters on PCI that have no interface.
  static void addTo(HostGraph graph, PciTree pci, SystemFiles files) {
    List<Nic> nics = Nic.pair(SysfsNics.read(files), SysfsInfiniband.read(files));
    NicNodes nodes = new NicNodes(graph, pci, nics);
    nodes.addNodes();
    nodes.addAdaptersWithoutInterface();
    nics.forEach(nodes::join);
  }

  private void addNodes() {
    Set<String> seen = new HashSet<>();
    Set<String> shared = new HashSet<>();
    for (Nic nic : nics) {
      if (nic.address() != null && !seen.add(nic.address())) {
        shared.add(nic.address());
      }
    }
    for (Nic nic : nics) {
      PciFunction function = pci.function(nic.address());
      if (function == null || physical(nic) != null) {
        ids.put(nic, plain(nic));
      } else if (shared.contains(nic.address())) {
        // Several ports on one function share its way to the processor.
        String adapter =
            pci.attach(
                function, function.address(), NodeKind.PCI_BRIDGE, "adapter " + nic.address());
        String id = plain(nic);
        graph.cable(adapter, id, LinkKind.PCIE, HostGraph.SYSFS);
        ids.put(nic, id);
      } else {
        ids.put(nic, pci.attach(function, nic.name(), NodeKind.NIC, nic.name()));
      }
      describe(
          nic,
          Objects.requireNonNull(ids.get(nic)),
          !shared.contains(String.valueOf(nic.address())));
    }
  }

  private String plain(Nic nic) {
    String id = graph.id(nic.name());
    return graph.has(id) ? id : graph.add(nic.name(), NodeKind.NIC, nic.name(), null);
  }

  /// Adds what is known of a NIC.
  ///
  /// @param alone whether its PCI address is its own; else it is that of the adapter
  private void describe(Nic nic, String id, boolean alone) {
    PciFunction function = pci.function(nic.address());
    NetworkInterface netdev = nic.netdev();
    RdmaPort port = nic.port();
    boolean virtual = netdev != null && netdev.kind() != Kind.HARDWARE;
    graph.complete(
        id,
        Attribute.of(Attributes.STATE, nic.state()),
        Attribute.of(Attributes.ADDRESS, netdev == null ? null : netdev.address()),
        Attribute.of(Attributes.MTU, netdev == null ? null : netdev.mtu()),
        Attribute.of(Attributes.BUS_ID, alone ? nic.address() : null),
        Attribute.of(Attributes.DRIVER, netdev == null ? null : netdev.driver()),
        Attribute.of(Attributes.RDMA, port == null ? null : port.adapter() + ":" + port.port()),
        Attribute.of(Attributes.GUID, port == null ? null : port.guid()),
        Attribute.of(
            Attributes.VIRTUAL, virtual ? nic.kind().name().toLowerCase(Locale.ROOT) : null),
        Attribute.of(Attributes.MASTER, netdev == null ? null : netdev.master()),
        Attribute.of(
            Attributes.MEMBERS,
            netdev == null || netdev.members().isEmpty()
                ? null
                : String.join(",", netdev.members())),
        Attribute.of(
            Attributes.PHYSICAL_FUNCTION, function == null ? null : function.physicalFunction()),
        Attribute.of(
            Attributes.VIRTUAL_FUNCTIONS,
            function == null || function.virtualFunctions() == 0
                ? null
                : function.virtualFunctions()));
  }

  /// Adapters that another network namespace or a driver in user space has taken.
  private void addAdaptersWithoutInterface() {
    for (PciFunction function : pci.functions()) {
      if (function.isNic()
          && function.physicalFunction() == null
          && nics.stream().noneMatch(nic -> function.address().equals(nic.address()))) {
        String id = pci.attach(function, function.address(), NodeKind.NIC, function.address());
        graph.complete(
            id,
            Attribute.of(Attributes.STATE, "unknown"),
            Attribute.of(Attributes.DRIVER, function.driver()));
        graph.note(id, "a network adapter of which no interface can be seen from here");
      }
    }
  }

  /// Returns the NIC that this one is a virtual function of, null if there is none in sight.
  private @Nullable Nic physical(Nic nic) {
    PciFunction function = pci.function(nic.address());
    String physical = function == null ? null : function.physicalFunction();
    return physical == null
        ? null
        : nics.stream().filter(each -> physical.equals(each.address())).findFirst().orElse(null);
  }

  private void join(Nic nic) {
    String id = Objects.requireNonNull(ids.get(nic));
    Collection<String> domains = graph.numasOf(nic.numa());
    Nic physical = physical(nic);
    if (physical != null) {
      // It shares the port and the PCI link of its physical function.
      graph.cable(id, Objects.requireNonNull(ids.get(physical)), LinkKind.UNKNOWN, HostGraph.SYSFS);
    } else if (nic.isHardware()) {
      if (pci.function(nic.address()) == null) {
        domains.forEach(domain -> graph.cable(domain, id, LinkKind.UNKNOWN, HostGraph.SYSFS));
      }
      leadOut(nic, id);
    } else {
      // Made by software: data gets there through memory, and on only if the way out is its own.
      LinkKind kind = nic.kind() == Kind.LOOPBACK ? LinkKind.LOOPBACK : LinkKind.MEMORY;
      domains.forEach(domain -> graph.cable(domain, id, kind, HostGraph.SYSFS));
      if (nic.leavesNamespace()) {
        leadOut(nic, id);
      }
    }
  }

  private void leadOut(Nic nic, String id) {
    if (!nic.isUp()) {
      return;
    }
    Double speed = nic.bytesPerSecond();
    if (speed == null) {
      graph.note(id, "does not tell its speed");
    }
    Link link = Link.of(id, graph.network(nic.layer()), nic.layer(), speed, HostGraph.SYSFS);
    graph.cable(nic.port() == null ? link : link.withLanes(nic.port().lanes()));
  }
}
