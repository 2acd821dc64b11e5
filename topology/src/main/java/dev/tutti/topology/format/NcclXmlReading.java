package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.PcieRate;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.XmlTree.Element;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One reading of an NCCL topology file; [NcclTopologyXml] says what becomes what.
final class NcclXmlReading {
  private static final String NETWORK = "network";

  private final SourceFile file;
  private final Topology.Builder builder;
  private final Complaints complaints = new Complaints();
  private final Ids ids;
  private final NcclXmlLinks links;
  private final Map<String, List<String>> domains = new LinkedHashMap<>();
  private final Map<String, String> hosts = new LinkedHashMap<>();
  private boolean hasNet;
  private @Nullable Place firstNic;

  /// What an element lies in: its host, its NUMA domain and what is above it in the PCI tree.
  private record Above(String host, String box, @Nullable String numa, @Nullable String pci) {
    Above below(String node) {
      return new Above(host, box, numa, node);
    }
  }

  NcclXmlReading(SourceFile file) {
    this.file = file;
    this.builder = Topology.builder(Ids.baseName(file));
    this.ids = new Ids(builder);
    this.links = new NcclXmlLinks(builder, complaints, ids);
  }

  Reading read() {
    Element root = XmlTree.parse(file);
    if (!root.name().equals("system")) {
      throw root.place().wrong("the root is <" + root.name() + ">, expected <system>");
    }
    builder.attribute(Attributes.SOURCE, file.name());
    String version = root.get("version");
    if (version == null) {
      complaints.note(root.place(), "has no version, expected 1 or 2");
    } else if (!version.equals("1") && !version.equals("2")) {
      complaints.warning(root.place(), "has version '" + version + "', expected 1 or 2");
    }
    String name = root.get("name");
    if (name != null && !name.isBlank()) {
      builder.attribute("name", name);
    }
    for (Element child : root.children()) {
      switch (child.name()) {
        case "cpu" -> cpu(child);
        case "pci" -> {
          complaints.warning(child.place(), "is in no <cpu>, so its NUMA domain is not known");
          String host = host(null);
          pci(child, new Above(host, host, null, null));
        }
        default -> unknown(child, "<cpu>");
      }
    }
    if (hosts.isEmpty()) {
      complaints.warning(root.place(), "has no <cpu>: there is nothing in this topology");
    }
    links.connectDomains(domains, root.place());
    links.connect();
    if (firstNic != null && !hasNet) {
      complaints.note(
          firstNic, "no <nic> with <net> in this file: ports and speeds of NICs are not told");
    }
    return new Reading(NcclTopologyXml.NAME, builder.build(), complaints.inOrder());
  }

  private String host(@Nullable String hash) {
    String key = hash == null ? "" : hash;
    String known = hosts.get(key);
    if (known != null) {
      return known;
    }
    String id = "host" + hosts.size();
    hosts.put(key, id);
    Map<String, String> attributes = new LinkedHashMap<>();
    if (hash != null) {
      attributes.put(NcclNames.HOST_HASH, hash);
    }
    builder.node(new Node(id, NodeKind.HOST, id, null, attributes));
    return id;
  }

  private void cpu(Element cpu) {
    String host = host(cpu.get("host_hash"));
    Integer numa = Numbers.integer(cpu.get("numaid"));
    if (numa == null) {
      complaints.warning(cpu.place(), expected(cpu, "numaid", "a whole number"));
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    if (numa != null) {
      attributes.put(Attributes.INDEX, numa.toString());
    }
    String affinity = cpu.get("affinity");
    if (affinity != null && !affinity.isBlank()) {
      String cpus = CpuSets.listOfMask(affinity);
      if (cpus == null) {
        complaints.warning(cpu.place(), expected(cpu, "affinity", "a mask in hexadecimal digits"));
      } else {
        attributes.put(Attributes.CPUS, cpus);
      }
    }
    copy(cpu, "arch", attributes, NcclNames.ARCH);
    copy(cpu, "vendor", attributes, Attributes.VENDOR);
    copy(cpu, "familyid", attributes, NcclNames.FAMILY);
    copy(cpu, "modelid", attributes, Attributes.MODEL);
    String wish = host + "/" + (numa == null ? "cpu" : "numa" + numa);
    String id = ids.unused(wish);
    if (numa != null && !id.equals(wish)) {
      complaints.warning(cpu.place(), "there is a second <cpu> with numaid " + numa);
    }
    String name = numa == null ? "NUMA" : "NUMA " + numa;
    builder.node(new Node(id, NodeKind.NUMA, name, host, attributes));
    domains.computeIfAbsent(host, _ -> new ArrayList<>()).add(id);
    for (Element child : cpu.children()) {
      Above above = new Above(host, id, id, null);
      switch (child.name()) {
        case "pci" -> pci(child, above);
        case "nic" -> ports(child, id, null);
        default -> unknown(child, "<pci> or <nic>");
      }
    }
  }

  private void pci(Element pci, Above above) {
    NodeKind kind = kind(pci);
    if (kind == null) {
      complaints.noteOnce(
          "class" + pci.get("class"),
          pci.place(),
          "PCI class '" + pci.get("class") + "' is no bridge, device or NIC and was left out");
      return;
    }
    List<Element> gpus = new ArrayList<>(pci.children("gpu"));
    gpus.addAll(pci.children("apu"));
    Map<String, String> attributes = pciAttributes(pci);
    for (Element gpu : gpus) {
      copy(gpu, "dev", attributes, Attributes.INDEX);
      NcclNames.GPU_ATTRIBUTES.forEach(key -> copy(gpu, key, attributes, key));
    }
    List<Element> nets = nets(pci);
    Element net = kind == NodeKind.NIC && nets.size() == 1 ? nets.getFirst() : null;
    if (net != null) {
      netAttributes(net, attributes);
    }
    String id = ids.unused(above.box() + "/" + idOf(kind, attributes, net));
    builder.node(new Node(id, kind, nameOf(kind, attributes, net), above.box(), attributes));
    links.place(above.host(), id, kind, pci);
    upward(pci, id, above);
    gpus.forEach(gpu -> gpu(gpu, id, above));
    if (net != null) {
      network(net, id, pci.get("class"));
    }
    for (Element child : pci.children()) {
      switch (child.name()) {
        case "pci" -> pci(child, above.below(id));
        case "pcilink" -> links.pciLink(above.host(), id, child);
        case "nic" -> {
          if (net == null) {
            ports(child, id, pci.get("class"));
          }
        }
        case "gpu", "apu" -> {}
        default -> unknown(child, "<pci>, <gpu>, <nic> or <pcilink>");
      }
    }
    if (kind == NodeKind.NIC && firstNic == null) {
      firstNic = pci.place();
    }
  }

  private static @Nullable NodeKind kind(Element pci) {
    if (!pci.children("gpu").isEmpty() || !pci.children("apu").isEmpty()) {
      return NodeKind.DEVICE;
    }
    NodeKind kind = NcclNames.kindOfClass(pci.get("class"));
    if (kind != null) {
      return kind;
    }
    if (!pci.children("nic").isEmpty()) {
      return NodeKind.NIC;
    }
    return pci.children("pci").isEmpty() ? null : NodeKind.PCI_BRIDGE;
  }

  private static List<Element> nets(Element pci) {
    return pci.children("nic").stream().flatMap(nic -> nic.children("net").stream()).toList();
  }

  private Map<String, String> pciAttributes(Element pci) {
    Map<String, String> attributes = new LinkedHashMap<>();
    String busId = pci.get("busid");
    if (busId == null || NcclNames.busKey(busId) == null) {
      complaints.warning(pci.place(), expected(pci, "busid", "a PCI address such as 0000:17:00.0"));
    } else {
      attributes.put(Attributes.BUS_ID, busId.strip().toLowerCase(Locale.ROOT));
    }
    copy(pci, "class", attributes, Attributes.PCI_CLASS);
    copy(pci, "vendor", attributes, Attributes.VENDOR);
    copy(pci, "device", attributes, Attributes.MODEL);
    copy(pci, "subsystem_vendor", attributes, NcclNames.SUBSYSTEM_VENDOR);
    copy(pci, "subsystem_device", attributes, NcclNames.SUBSYSTEM_DEVICE);
    return attributes;
  }

  private static String idOf(NodeKind kind, Map<String, String> attributes, @Nullable Element net) {
    String busId = attributes.getOrDefault(Attributes.BUS_ID, "");
    String suffix = busId.isEmpty() ? "" : "-" + busId;
    return switch (kind) {
      case DEVICE -> {
        Integer dev = Numbers.integer(attributes.get(Attributes.INDEX));
        yield "gpu" + (dev == null ? suffix : dev.toString());
      }
      case NIC -> {
        String name = net == null ? null : net.get("name");
        yield name == null || name.isBlank() ? "nic" + suffix : name.strip();
      }
      case SWITCH -> "nvswitch" + suffix;
      default -> "pci" + suffix;
    };
  }

  private static String nameOf(
      NodeKind kind, Map<String, String> attributes, @Nullable Element net) {
    String busId = attributes.getOrDefault(Attributes.BUS_ID, "");
    String name = net == null ? null : net.get("name");
    if (name != null && !name.isBlank()) {
      return name.strip();
    }
    String what =
        switch (kind) {
          case DEVICE -> "GPU";
          case NIC -> "NIC";
          case SWITCH -> "NVSwitch";
          default -> "PCI";
        };
    Integer dev = Numbers.integer(attributes.get(Attributes.INDEX));
    return (what + " " + (kind == NodeKind.DEVICE && dev != null ? dev.toString() : busId)).strip();
  }

  private void upward(Element pci, String id, Above above) {
    String parent = above.pci() == null ? above.numa() : above.pci();
    if (parent == null) {
      return;
    }
    Integer width = Numbers.integer(pci.get("link_width"));
    PcieRate rate = PcieRate.parse(pci.get("link_speed"));
    if (width != null && width <= 0) {
      complaints.warning(
          pci.place(), "link_width is " + width + ", expected 1 to 16 (NCCL takes 16 for 0)");
      width = null;
    } else if (width == null) {
      complaints.noteOnce("width", pci.place(), expected(pci, "link_width", "1 to 16"));
    }
    if (rate == null) {
      complaints.noteOnce(
          "speed" + pci.get("link_speed"),
          pci.place(),
          expected(pci, "link_speed", "such as '16.0 GT/s PCIe'"));
    }
    Double capacity = null;
    if (width != null && rate != null) {
      capacity = rate.bytesPerSecond(width);
    }
    Link link =
        Link.of(parent, id, LinkKind.PCIE, capacity, NcclTopologyXml.NAME)
            .withLanes(width == null ? 0 : width);
    builder.cable(
        rate == null
            ? link
            : link.withAttribute(Attributes.PCIE_GENERATION, String.valueOf(rate.generation())));
  }

  private void gpu(Element gpu, String id, Above above) {
    String text = gpu.get("rank");
    Integer rank = Numbers.integer(text);
    if (text != null && rank == null) {
      complaints.warning(gpu.place(), expected(gpu, "rank", "a whole number"));
    } else if (rank != null && rank >= 0) {
      String other = builder.ranks().get(rank);
      if (other != null) {
        complaints.warning(
            gpu.place(), "rank " + rank + " is on '" + other + "' too; placed there only");
      } else {
        builder.rank(rank, id);
      }
    }
    if (gpu.get("dev") == null) {
      complaints.note(gpu.place(), "missing attribute 'dev': the device's number is not told");
    }
    for (Element child : gpu.children()) {
      switch (child.name()) {
        case "nvlink", "xgmi" -> links.deviceLink(above.host(), id, above.numa(), gpu, child);
        case "c2c" -> links.c2c(id, above.numa(), child);
        default -> unknown(child, "<nvlink>, <xgmi> or <c2c>");
      }
    }
  }

  /// Adds the ports of a NIC as nodes of their own, where there are several, or no PCI device.
  private void ports(Element nic, String parent, @Nullable String pciClass) {
    for (Element net : nic.children("net")) {
      Map<String, String> attributes = new LinkedHashMap<>();
      netAttributes(net, attributes);
      String name = net.get("name");
      String label = name == null || name.isBlank() ? "nic" : name.strip();
      String id = ids.unused(parent + "/" + label);
      builder.node(new Node(id, NodeKind.NIC, label, parent, attributes));
      builder.cable(Link.of(parent, id, LinkKind.UNKNOWN, null, NcclTopologyXml.NAME));
      network(net, id, pciClass);
    }
    nic.children().stream()
        .filter(child -> !child.name().equals("net"))
        .forEach(child -> unknown(child, "<net>"));
  }

  private void netAttributes(Element net, Map<String, String> attributes) {
    copy(net, "dev", attributes, Attributes.INDEX);
    NcclNames.NET_ATTRIBUTES.forEach(key -> copy(net, key, attributes, key));
  }

  private void network(Element net, String nic, @Nullable String pciClass) {
    hasNet = true;
    net.children().forEach(child -> unknown(child, "nothing"));
    if (!builder.hasNode(NETWORK)) {
      builder.node(NETWORK, NodeKind.NETWORK, "network", null);
    }
    Double megabits = Numbers.number(net.get("speed"));
    if (megabits == null || megabits <= 0) {
      complaints.warning(
          net.place(), expected(net, "speed", "Mbit/s above 0 (NCCL takes 10000 for unknown)"));
      megabits = null;
    }
    boolean infiniband = pciClass != null && pciClass.toLowerCase(Locale.ROOT).startsWith("0x0207");
    Double micros = Numbers.number(net.get("latency"));
    builder.cable(
        Link.of(
                nic,
                NETWORK,
                infiniband ? LinkKind.INFINIBAND : LinkKind.UNKNOWN,
                megabits == null ? null : Double.valueOf(megabits * 1e6 / 8),
                NcclTopologyXml.NAME)
            .withLatency(micros == null || micros <= 0 ? null : Double.valueOf(micros * 1e-6)));
  }

  private void unknown(Element element, String expected) {
    complaints.noteOnce(
        "element" + element.name() + expected,
        element.place(),
        "<" + element.name() + "> is not known here (expected " + expected + ") and was left out");
  }

  private static void copy(Element from, String key, Map<String, String> to, String as) {
    String value = from.get(key);
    if (value != null) {
      to.putIfAbsent(as, value);
    }
  }

  static String expected(Element element, String attribute, String expected) {
    String value = element.get(attribute);
    return value == null
        ? "missing attribute '" + attribute + "', expected " + expected
        : attribute + " is '" + value + "', expected " + expected;
  }
}
