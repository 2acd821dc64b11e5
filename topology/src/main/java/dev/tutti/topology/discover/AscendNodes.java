package dev.tutti.topology.discover;

import dev.tutti.bindings.acl.AclReport;
import dev.tutti.bindings.acl.AclReport.Device;
import dev.tutti.bindings.acl.AclReport.Pair;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Adds what ACL and `/etc/hccn.conf` know of Ascend's devices: numbers, links between them, and
/// their own network ports.
final class AscendNodes {
  private static final String PLACE = "ACL";
  private static final String HCCN = "hccn.conf";
  private static final String SWITCH = "hccs-switch";
  private static final long KNOWN =
      Pair.HCCS | Pair.PIX | Pair.PHB | Pair.SYS | Pair.SIO | Pair.HCCS_SWITCH;

  private final HostGraph graph;
  private final @Nullable AclReport report;
  private final HccnConf hccn;
  private final Map<Integer, String> ids = new LinkedHashMap<>();
  private boolean treeIsKnown;

  /// Prepares to add.
  ///
  /// @param report what ACL told, null if it is not there
  AscendNodes(HostGraph graph, @Nullable AclReport report, HccnConf hccn) {
    this.graph = graph;
    this.report = report;
    this.hccn = hccn;
  }

  /// Tells whether ACL has devices of which it does not say where they are on PCI. Then the
  /// functions that sysfs shows cannot be told apart, and must not count as devices once more.
  boolean areApartFromPci() {
    return report != null
        && report.devices().stream().anyMatch(device -> device.pciAddress() == null);
  }

  /// Adds devices, the links between them and their ports.
  void add() {
    List<Device> devices = report == null ? List.of() : report.devices();
    treeIsKnown = true;
    for (Device device : devices) {
      String known = graph.at(device.pciAddress());
      treeIsKnown &= known != null;
      String id = known == null ? addDevice(device) : known;
      ids.put(device.index(), id);
      graph.complete(
          id,
          Attribute.of(Attributes.INDEX, device.index()),
          Attribute.of(Attributes.BUS_ID, device.pciAddress()),
          Attribute.of(Attributes.MODEL_NAME, report == null ? null : report.socName()));
    }
    if (report != null) {
      report.problems().forEach(problem -> graph.warn(PLACE, problem));
      report.pairs().forEach(this::join);
    }
    hccn.findings().forEach(graph::add);
    hccn.ports().forEach(this::addPort);
  }

  private String addDevice(Device device) {
    String name = "npu" + device.index();
    String id =
        graph.add(
            graph.has(graph.id(name)) ? name + "-acl" : name,
            NodeKind.DEVICE,
            "NPU " + device.index(),
            null);
    graph.numasOf(null).forEach(domain -> graph.cable(domain, id, LinkKind.UNKNOWN, PLACE));
    graph.note(id, "ACL does not tell where it is on PCI; how it hangs on the host is unknown");
    return id;
  }

  /// Adds the links of a pair. What goes over PCI Express or between NUMA domains is in the tree
  /// already, unless the devices have no place there.
  private void join(Pair pair) {
    String device = Objects.requireNonNull(ids.get(pair.device()));
    String other = Objects.requireNonNull(ids.get(pair.other()));
    if (pair.has(Pair.HCCS)) {
      graph.cable(device, other, LinkKind.HCCS, PLACE);
    }
    if (pair.has(Pair.SIO)) {
      graph.cable(device, other, LinkKind.SIO, PLACE);
    }
    if (pair.has(Pair.HCCS_SWITCH)) {
      joinWithSwitch(device);
      joinWithSwitch(other);
    }
    if (!treeIsKnown && (pair.has(Pair.PIX) || pair.has(Pair.PHB))) {
      graph.cable(device, other, LinkKind.PCIE, PLACE);
    }
    if (!treeIsKnown && pair.has(Pair.SYS)) {
      graph.cable(device, other, LinkKind.SMP, PLACE);
    }
    if ((pair.bits() & ~KNOWN) != 0) {
      graph.note(
          device + " -> " + other,
          "ACL tells a class of link that is not known here: 0x" + Long.toHexString(pair.bits()));
    }
  }

  private void joinWithSwitch(String device) {
    String id = graph.id(SWITCH);
    if (!graph.has(id)) {
      graph.add(SWITCH, NodeKind.SWITCH, "HCCS switch", null);
      graph.note(id, "HCCS switches do not show themselves; one node stands for all");
    }
    if (!graph.linked(device, id)) {
      graph.cable(device, id, LinkKind.HCCS_SWITCH, PLACE);
    }
  }

  /// Adds the port that a device brings along. The file counts the devices of the machine, ACL
  /// those of this process; they are the same only if they are as many.
  private void addPort(int number, HccnConf.Port port) {
    if (port.address() == null) {
      return;
    }
    String id =
        graph.add(
            "npu" + number + "-roce",
            NodeKind.NIC,
            "port of NPU " + number,
            null,
            Attribute.of(Attributes.INDEX, number),
            Attribute.of(Attributes.ADDRESS, port.address()),
            Attribute.of(Attributes.NETMASK, port.netmask()),
            Attribute.of(Attributes.STATE, "unknown"));
    String device = ids.size() == hccn.ports().size() ? ids.get(number) : null;
    if (device != null) {
      graph.cable(device, id, LinkKind.UNKNOWN, HCCN);
    } else {
      graph.note(id, "which device it belongs to is not told");
    }
    graph.cable(Link.of(id, graph.network(LinkKind.ROCE), LinkKind.ROCE, null, HCCN));
  }
}
