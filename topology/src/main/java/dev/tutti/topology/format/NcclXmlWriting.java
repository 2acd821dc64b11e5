package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.PcieRate;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One writing of an NCCL topology file; [NcclTopologyXml] says what it holds.
final class NcclXmlWriting {
  private static final Set<LinkKind> FOREIGN =
      Set.of(LinkKind.HCCS, LinkKind.HCCS_SWITCH, LinkKind.UB, LinkKind.SIO);

  private final Topology topology;
  private final Node host;
  private final NcclXmlText xml = new NcclXmlText();
  private final Set<String> written = new HashSet<>();
  private final Map<String, String> addresses = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  NcclXmlWriting(Topology topology, @Nullable String hostId) {
    this.topology = topology;
    this.host = host(topology, hostId);
  }

  private static Node host(Topology topology, @Nullable String id) {
    List<Node> hosts = topology.nodes(NodeKind.HOST);
    if (id != null) {
      return hosts.stream()
          .filter(node -> node.id().equals(id))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "topology '"
                      + topology.name()
                      + "' has no host '"
                      + id
                      + "'; there are "
                      + ids(hosts)));
    }
    if (hosts.size() != 1) {
      throw new IllegalArgumentException(
          "NCCL's topology file holds one host, but '"
              + topology.name()
              + "' has "
              + hosts.size()
              + (hosts.isEmpty() ? "" : ": choose one of " + ids(hosts)));
    }
    return hosts.getFirst();
  }

  private static String ids(List<Node> hosts) {
    List<String> first = hosts.stream().limit(8).map(Node::id).toList();
    return first + (hosts.size() > 8 ? " …" : "");
  }

  String text() {
    List<Node> inside = topology.nodes().stream().filter(this::isInside).toList();
    inside.forEach(this::refuse);
    inside.forEach(this::keepAddress);
    boolean amd = inside.stream().anyMatch(node -> has(node, LinkKind.XGMI));
    xml.open("system");
    xml.attribute("version", amd ? "2" : "1");
    xml.attribute("name", topology.attributes().get("name"));
    List<Node> domains = inside.stream().filter(node -> node.kind() == NodeKind.NUMA).toList();
    Map<String, List<Node>> strays = new HashMap<>();
    for (Node node : inside) {
      boolean wanted = node.kind() == NodeKind.DEVICE || node.kind() == NodeKind.NIC;
      if (wanted && !domains.isEmpty() && !hangsBelow(node, new HashSet<>())) {
        strays.computeIfAbsent(home(node, domains), _ -> new ArrayList<>()).add(node);
      }
    }
    for (Node domain : domains) {
      cpu(domain, strays.getOrDefault(domain.id(), List.of()));
    }
    if (domains.isEmpty()) {
      cpu(null, inside);
    }
    xml.close();
    return xml.text();
  }

  private boolean has(Node node, LinkKind kind) {
    return topology.linksFrom(node.id()).stream().anyMatch(link -> link.kind() == kind);
  }

  private void refuse(Node node) {
    for (Link link : topology.linksFrom(node.id())) {
      if (FOREIGN.contains(link.kind())) {
        throw new IllegalArgumentException(
            "NCCL's topology file cannot hold links of kind "
                + link.kind().label()
                + ", such as "
                + link.from()
                + " -> "
                + link.to());
      }
    }
  }

  private void keepAddress(Node node) {
    String busId = node.attribute(Attributes.BUS_ID);
    if (busId != null && NcclNames.busKey(busId) != null) {
      addresses.put(node.id(), busId);
      taken.add(busId);
    }
  }

  /// Returns a node's PCI address, else one that no hardware has.
  private String address(Node node) {
    return addresses.computeIfAbsent(
        node.id(),
        _ -> {
          String made = "";
          for (int i = 1; made.isEmpty() || !taken.add(made); i++) {
            made = String.format(Locale.ROOT, "ffff:%02x:%02x.0", 0xff - i / 32, i % 32);
          }
          return made;
        });
  }

  /// Writes a NUMA domain, what hangs below it, and what belongs to it without PCI Express.
  private void cpu(@Nullable Node domain, List<Node> strays) {
    xml.open("cpu");
    xml.attribute("host_hash", host.attribute(NcclNames.HOST_HASH));
    String index = domain == null ? null : domain.attribute(Attributes.INDEX);
    xml.attribute("numaid", index == null ? "-1" : index);
    if (domain != null) {
      String cpus = domain.attribute(Attributes.CPUS);
      xml.attribute("affinity", cpus == null ? null : CpuSets.maskOfList(cpus));
      xml.attribute("arch", domain.attribute(NcclNames.ARCH));
      xml.attribute("vendor", domain.attribute(Attributes.VENDOR));
      xml.attribute("familyid", domain.attribute(NcclNames.FAMILY));
      xml.attribute("modelid", domain.attribute(Attributes.MODEL));
      written.add(domain.id());
      below(domain);
    }
    for (Node stray : strays) {
      if (stray.kind() == NodeKind.DEVICE || stray.kind() == NodeKind.NIC) {
        pci(stray, null);
      }
    }
    xml.close();
  }

  /// Returns the domain of something that no PCI Express leads to: the one that C2C leads to, or
  /// that it is inside of, or the first.
  private String home(Node stray, List<Node> domains) {
    for (Link link : topology.linksFrom(stray.id())) {
      Node target = topology.node(link.to());
      if (link.kind() == LinkKind.C2C && target.kind() == NodeKind.NUMA && isInside(target)) {
        return target.id();
      }
    }
    Node around = topology.enclosing(stray.id(), NodeKind.NUMA);
    return around == null ? domains.getFirst().id() : around.id();
  }

  private boolean hangsBelow(Node node, Set<String> seen) {
    if (node.kind() == NodeKind.NUMA || written.contains(node.id())) {
      return true;
    }
    return seen.add(node.id())
        && topology.linksTo(node.id()).stream()
            .filter(link -> isTree(link) || link.kind() == LinkKind.UNKNOWN)
            .map(link -> topology.node(link.from()))
            .filter(this::isInside)
            .anyMatch(from -> hangsBelow(from, seen));
  }

  private boolean isInside(Node node) {
    return host.equals(topology.enclosing(node.id(), NodeKind.HOST));
  }

  private static boolean isTree(Link link) {
    return link.kind() == LinkKind.PCIE && link.attribute(NcclNames.PCI_LINK) == null;
  }

  private void below(Node node) {
    for (Link link : topology.linksFrom(node.id())) {
      Node child = topology.node(link.to());
      if (!isInside(child) || child.kind() == NodeKind.NUMA || written.contains(child.id())) {
        continue;
      }
      if (isTree(link)) {
        pci(child, link);
      } else if (link.kind() == LinkKind.UNKNOWN && child.kind() == NodeKind.NIC) {
        nic(child);
      }
    }
  }

  private void pci(Node node, @Nullable Link up) {
    if (!written.add(node.id())) {
      return;
    }
    xml.open("pci");
    xml.attribute("busid", address(node));
    xml.attribute("class", pciClass(node));
    boolean hardware = node.attribute(Attributes.BUS_ID) != null;
    xml.attribute("vendor", hardware ? node.attribute(Attributes.VENDOR) : null);
    xml.attribute("device", hardware ? node.attribute(Attributes.MODEL) : null);
    xml.attribute("subsystem_vendor", node.attribute(NcclNames.SUBSYSTEM_VENDOR));
    xml.attribute("subsystem_device", node.attribute(NcclNames.SUBSYSTEM_DEVICE));
    String generation = up == null ? null : up.attribute(Attributes.PCIE_GENERATION);
    // NCCL asks for both; empty and 0 are what it writes itself where it does not know
    Integer number = Numbers.integer(generation);
    xml.attribute(
        "link_speed",
        number == null || number < 1 || number > PcieRate.LATEST
            ? ""
            : new PcieRate(number).text());
    xml.attribute("link_width", String.valueOf(up == null ? 0 : up.lanes()));
    if (node.kind() == NodeKind.DEVICE) {
      gpus(node);
    }
    if (node.kind() == NodeKind.NIC && !networks(node).isEmpty()) {
      nicOnly(node);
    }
    for (Link link : topology.linksFrom(node.id())) {
      if (link.kind() == LinkKind.PCIE && !isTree(link)) {
        xml.open("pcilink");
        xml.attribute("target", address(topology.node(link.to())));
        xml.close();
      }
    }
    below(node);
    xml.close();
  }

  private String pciClass(Node node) {
    String known = node.attribute(Attributes.PCI_CLASS);
    if (known != null) {
      return known;
    }
    return switch (node.kind()) {
      case DEVICE -> NcclNames.GPU_CLASS;
      case SWITCH -> NcclNames.SWITCH_CLASS;
      case NIC ->
          has(node, LinkKind.INFINIBAND) ? NcclNames.INFINIBAND_CLASS : NcclNames.ETHERNET_CLASS;
      default -> NcclNames.BRIDGE_CLASS;
    };
  }

  /// Writes one element per rank of a device; none where only its PCI side is known.
  private void gpus(Node device) {
    List<@Nullable Integer> ranks = new ArrayList<>(topology.ranksOn(device.id()));
    List<Link> links =
        topology.linksFrom(device.id()).stream()
            .filter(link ->
                switch (link.kind()) {
                  case NVLINK, NVSWITCH, XGMI, C2C -> true;
                  default -> false;
                })
            .toList();
    boolean told =
        NcclNames.GPU_ATTRIBUTES.stream().anyMatch(device.attributes()::containsKey)
            || device.attribute(Attributes.INDEX) != null;
    if (ranks.isEmpty() && (told || !links.isEmpty())) {
      ranks.add(null);
    }
    for (Integer rank : ranks) {
      boolean first = rank == null || rank.equals(ranks.getFirst());
      xml.open("gpu");
      String index = device.attribute(Attributes.INDEX);
      xml.attribute("dev", index == null ? ordinal(device) : index);
      NcclNames.GPU_ATTRIBUTES.forEach(key -> xml.attribute(key, device.attribute(key)));
      xml.attribute("rank", rank == null ? null : rank.toString());
      if (first) {
        links.stream().filter(link -> !isFarSwitch(link)).forEach(this::deviceLink);
        farSwitches(links.stream().filter(this::isFarSwitch).toList());
      }
      xml.close();
    }
  }

  private String ordinal(Node device) {
    return String.valueOf(
        topology.nodes(NodeKind.DEVICE).stream().filter(this::isInside).toList().indexOf(device));
  }

  private void deviceLink(Link link) {
    Node target = topology.node(link.to());
    if (link.lanes() == 0 && link.kind() != LinkKind.C2C) {
      throw new IllegalArgumentException(
          "NCCL's topology file needs the number of "
              + link.kind().display()
              + " links from "
              + link.from()
              + " to "
              + link.to()
              + ", which is not known");
    }
    if (link.kind() == LinkKind.C2C) {
      Double rate = link.capacityBytesPerSecond();
      if (rate == null) {
        throw new IllegalArgumentException(
            "NCCL's topology file needs the capacity of " + link.from() + " -> " + link.to());
      }
      int count = Math.max(1, link.lanes());
      xml.open("c2c");
      xml.attribute("bw", String.valueOf(Math.round(rate / 1e6 / count)));
      xml.attribute("count", String.valueOf(count));
      xml.close();
      return;
    }
    if (!isInside(target)) {
      throw new IllegalArgumentException(
          "NCCL's topology file of '"
              + host.id()
              + "' cannot hold "
              + link.from()
              + " -> "
              + link.to()
              + ", which leaves the host");
    }
    xml.open(link.kind() == LinkKind.XGMI ? "xgmi" : "nvlink");
    boolean processor = target.kind() == NodeKind.NUMA;
    xml.attribute("target", processor ? NcclNames.HIDDEN_SWITCH : address(target));
    xml.attribute("count", String.valueOf(link.lanes()));
    xml.attribute("tclass", processor ? NcclNames.CPU_BRIDGE_CLASS : pciClass(target));
    xml.close();
  }

  private boolean isFarSwitch(Link link) {
    return link.kind() == LinkKind.NVSWITCH && !isInside(topology.node(link.to()));
  }

  /// Writes the links to switches outside of the host, as in a rack of NVLink: to NCCL they are
  /// hidden, and so all the same.
  private void farSwitches(List<Link> links) {
    int count = links.stream().mapToInt(Link::lanes).sum();
    if (count > 0) {
      xml.open("nvlink");
      xml.attribute("target", NcclNames.HIDDEN_SWITCH);
      xml.attribute("count", String.valueOf(count));
      xml.attribute("tclass", NcclNames.SWITCH_CLASS);
      xml.close();
    }
  }

  private List<Link> networks(Node nic) {
    return topology.linksFrom(nic.id()).stream()
        .filter(link -> !isInside(topology.node(link.to())))
        .toList();
  }

  private void nic(Node nic) {
    written.add(nic.id());
    nicOnly(nic);
  }

  private void nicOnly(Node nic) {
    xml.open("nic");
    xml.open("net");
    xml.attribute("name", nic.name());
    String index = nic.attribute(Attributes.INDEX);
    xml.attribute("dev", index == null ? netOrdinal(nic) : index);
    List<Link> networks = networks(nic);
    Double rate = networks.isEmpty() ? null : networks.getFirst().capacityBytesPerSecond();
    xml.attribute("speed", rate == null ? null : String.valueOf(Math.round(rate * 8 / 1e6)));
    NcclNames.NET_ATTRIBUTES.forEach(key -> xml.attribute(key, nic.attribute(key)));
    xml.close();
    xml.close();
  }

  private String netOrdinal(Node nic) {
    return String.valueOf(
        topology.nodes(NodeKind.NIC).stream().filter(this::isInside).toList().indexOf(nic));
  }
}
