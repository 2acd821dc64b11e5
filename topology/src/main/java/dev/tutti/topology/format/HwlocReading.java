package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.XmlTree.Element;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One reading of hwloc's XML; [HwlocXml] says what becomes what.
final class HwlocReading {
  private static final int MAX_DOMAINS = 128;
  private static final int MAX_CORES = 1 << 16;
  private static final String NET = "2";
  private static final String OPEN_FABRICS = "3";
  private static final String CO_PROCESSOR = "5";
  private static final List<String> GPU_VENDORS = List.of("10de", "1002");
  private static final Pattern PCI_TYPE =
      Pattern.compile("([0-9a-fA-F]{4})(?:\\s*\\[([0-9a-fA-F]{4}):([0-9a-fA-F]{4})\\])?.*");

  private final SourceFile file;
  private final Topology.Builder builder;
  private final Complaints complaints = new Complaints();
  private final Ids ids;
  private final List<Domain> domains = new ArrayList<>();
  private final List<Core> cores = new ArrayList<>();

  /// Where an object lies: its host, the box around it, the NUMA domain that is near, if one is.
  private record Spot(String host, String box, @Nullable String numa) {
    Spot in(String node) {
      return new Spot(host, node, numa);
    }

    Spot near(@Nullable String domain) {
      return new Spot(host, box, domain);
    }
  }

  private record Domain(String host, String id, @Nullable String cpus) {}

  private record Core(String host, String id, @Nullable String cpus) {}

  /// What `pci_type` says: `0302 [10de:20b0] [10de:1463] a1`.
  private record PciType(String kind, String vendor, String device) {}

  HwlocReading(SourceFile file) {
    this.file = file;
    builder = Topology.builder(Ids.baseName(file)).attribute(Attributes.SOURCE, file.name());
    ids = new Ids(builder);
  }

  Reading read() {
    Element root = XmlTree.parse(file);
    if (!root.name().equals("topology")) {
      throw root.place().wrong("the root is <" + root.name() + ">, expected <topology>");
    }
    String version = root.get("version");
    if (version != null && !version.startsWith("1") && !version.startsWith("2")) {
      complaints.warning(root.place(), "has version '" + version + "', expected 1 or 2");
    }
    if (root.children("object").isEmpty()) {
      throw root.place().wrong("has no <object>, expected one of type Machine");
    }
    for (Element object : root.children("object")) {
      top(object, null);
    }
    for (Element child : root.children()) {
      if (child.name().startsWith("distances")) {
        complaints.noteOnce("distances", child.place(), "distances are left out");
      }
    }
    if (domains.size() > MAX_DOMAINS || cores.size() > MAX_CORES) {
      complaints.warning(
          root.place(),
          "has "
              + domains.size()
              + " NUMA domains and "
              + cores.size()
              + " cores, which were left unjoined; expected at most "
              + MAX_DOMAINS
              + " and "
              + MAX_CORES);
    } else {
      joinCores();
      joinDomains();
    }
    return new Reading(HwlocXml.NAME, builder.build(), complaints.inOrder());
  }

  private void top(Element object, @Nullable String parent) {
    String type = object.get("type");
    if ("System".equals(type)) {
      String id = ids.unused("system");
      builder.node(id, NodeKind.GROUP, "system", parent);
      object.children("object").forEach(child -> top(child, id));
    } else if ("Machine".equals(type)) {
      String name = info(object, "HostName");
      String host = ids.unused(name == null || name.isBlank() ? "host0" : name);
      Map<String, String> attributes = new LinkedHashMap<>();
      for (String key : List.of("Architecture", "OSName", "OSRelease", "hwlocVersion")) {
        put(attributes, key, info(object, key));
      }
      builder.node(new Node(host, NodeKind.HOST, host, parent, attributes));
      inside(object, new Spot(host, host, null));
    } else {
      complaints.warning(object.place(), "is of type '" + type + "', expected Machine");
    }
  }

  /// Adds what is inside of an object.
  private void inside(Element object, Spot place) {
    // memory first: in schema 2 it stands beside what it is near to
    Spot near = place;
    List<Element> memory =
        object.children("object").stream().filter(HwlocReading::isMemory).toList();
    for (Element domain : memory) {
      String id = domain(domain, place);
      near = memory.size() == 1 ? place.near(id) : place.near(null);
    }
    for (Element child : object.children("object")) {
      if (!isMemory(child)) {
        object(child, near);
      }
    }
  }

  private static boolean isMemory(Element object) {
    return "NUMANode".equals(object.get("type"));
  }

  private String domain(Element object, Spot place) {
    String index = object.get("os_index");
    Map<String, String> attributes = new LinkedHashMap<>();
    put(attributes, Attributes.INDEX, index);
    put(attributes, Attributes.BYTES, object.get("local_memory"));
    String cpus = cpus(object);
    put(attributes, Attributes.CPUS, cpus);
    String id = ids.unused(place.host() + "/numa" + (index == null ? "?" : index));
    String name = "NUMA " + (index == null ? "?" : index);
    builder.node(new Node(id, NodeKind.NUMA, name, place.box(), attributes));
    domains.add(new Domain(place.host(), id, cpus));
    // schema 1: what is near lies inside
    inside(object, place.in(id).near(id));
    return id;
  }

  private void object(Element object, Spot place) {
    String type = String.valueOf(object.get("type"));
    switch (type) {
      case "Package", "Socket" -> packageOf(object, place);
      case "Cache", "L2Cache", "L3Cache", "L4Cache", "L5Cache" -> cache(object, type, place);
      case "Core" -> core(object, place);
      case "Bridge" -> bridge(object, place);
      case "PCIDev" -> pciDevice(object, place);
      case "OSDev" -> loose(object, place);
      case "Group", "Die", "Misc", "MemCache", "L1Cache", "L1iCache", "PU" -> inside(object, place);
      default -> {
        complaints.noteOnce(
            type, object.place(), "type '" + type + "' is not known here and was passed over");
        inside(object, place);
      }
    }
  }

  private void packageOf(Element object, Spot place) {
    String index = object.get("os_index");
    Map<String, String> attributes = new LinkedHashMap<>();
    put(attributes, Attributes.INDEX, index);
    put(attributes, Attributes.VENDOR, info(object, "CPUVendor"));
    put(attributes, Attributes.MODEL, info(object, "CPUModel"));
    put(attributes, Attributes.CPUS, cpus(object));
    String number = index == null ? "?" : index;
    String id = ids.unused(place.host() + "/package" + number);
    builder.node(new Node(id, NodeKind.PACKAGE, "package " + number, place.box(), attributes));
    inside(object, place.in(id));
  }

  private void cache(Element object, String type, Spot place) {
    String level = type.equals("Cache") ? object.get("depth") : type.substring(1, 2);
    if (level == null || level.equals("1")) {
      inside(object, place);
      return;
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    put(attributes, Attributes.BYTES, object.get("cache_size"));
    put(attributes, Attributes.CPUS, cpus(object));
    String id = ids.unused(place.box() + "/l" + level);
    builder.node(new Node(id, NodeKind.CACHE, "L" + level, place.box(), attributes));
    inside(object, place.in(id));
  }

  private void core(Element object, Spot place) {
    String index = object.get("os_index");
    String cpus = cpus(object);
    Map<String, String> attributes = new LinkedHashMap<>();
    put(attributes, Attributes.INDEX, index);
    put(attributes, Attributes.CPUS, cpus);
    String number = index == null ? "?" : index;
    String id = ids.unused(place.box() + "/core" + number);
    builder.node(new Node(id, NodeKind.CORE, "core " + number, place.box(), attributes));
    cores.add(new Core(place.host(), id, cpus));
  }

  private void bridge(Element object, Spot place) {
    if (!leadsToSomething(object)) {
      return;
    }
    String type = object.get("bridge_type");
    if (type == null || type.startsWith("0")) {
      inside(object, place);
      return;
    }
    Map<String, String> attributes = pciAttributes(object);
    String id = ids.unused(place.host() + "/pci-" + object.get("pci_busid"));
    builder.node(
        new Node(
            id, NodeKind.PCI_BRIDGE, "PCI " + object.get("pci_busid"), place.box(), attributes));
    upward(object, id, place);
    inside(object, place.near(id));
  }

  private static boolean leadsToSomething(Element object) {
    return object.children("object").stream()
        .anyMatch(child ->
            switch (String.valueOf(child.get("type"))) {
              case "PCIDev" -> kind(child) != null;
              case "Bridge" -> leadsToSomething(child);
              default -> false;
            });
  }

  private static PciType pciType(Element object) {
    String type = object.get("pci_type");
    Matcher matcher = PCI_TYPE.matcher(type == null ? "" : type.strip());
    if (!matcher.matches()) {
      return new PciType("", "", "");
    }
    String vendor = matcher.group(2);
    String device = matcher.group(3);
    return new PciType(
        matcher.group(1).toLowerCase(Locale.ROOT),
        vendor == null ? "" : vendor.toLowerCase(Locale.ROOT),
        device == null ? "" : device.toLowerCase(Locale.ROOT));
  }

  private static @Nullable NodeKind kind(Element device) {
    PciType type = pciType(device);
    if (type.kind().startsWith("02")) {
      return NodeKind.NIC;
    }
    boolean compute =
        type.kind().equals("0302") || type.kind().startsWith("12") || type.kind().equals("0b40");
    boolean display = type.kind().startsWith("03");
    boolean known = GPU_VENDORS.contains(type.vendor()) || !os(device, CO_PROCESSOR).isEmpty();
    return compute || (display && known) ? NodeKind.DEVICE : null;
  }

  private void pciDevice(Element object, Spot place) {
    NodeKind kind = kind(object);
    if (kind == null) {
      return;
    }
    Map<String, String> attributes = pciAttributes(object);
    String busId = object.get("pci_busid");
    String name = (kind == NodeKind.NIC ? "nic-" : "gpu-") + busId;
    if (kind == NodeKind.NIC) {
      for (Element fabric : os(object, OPEN_FABRICS)) {
        put(attributes, "openFabrics", fabric.get("name"));
        put(attributes, "nodeGuid", info(fabric, "NodeGUID"));
        name = String.valueOf(fabric.get("name"));
      }
      for (Element net : os(object, NET)) {
        put(attributes, Attributes.ADDRESS, info(net, "Address"));
        name = String.valueOf(net.get("name"));
      }
    } else {
      for (Element processor : os(object, CO_PROCESSOR)) {
        put(attributes, "coProcessor", processor.get("name"));
        String model = info(processor, "GPUModel");
        put(attributes, "modelName", model == null ? info(object, "PCIDevice") : model);
      }
    }
    put(attributes, "pciName", info(object, "PCIDevice"));
    String id = ids.unused(place.host() + "/" + name);
    builder.node(new Node(id, kind, name, place.box(), attributes));
    upward(object, id, place);
  }

  /// Adds a network interface that is no PCI device.
  private void loose(Element object, Spot place) {
    if (NET.equals(object.get("osdev_type"))) {
      String name = String.valueOf(object.get("name"));
      Map<String, String> attributes = new LinkedHashMap<>();
      put(attributes, Attributes.ADDRESS, info(object, "Address"));
      builder.node(
          new Node(
              ids.unused(place.host() + "/" + name), NodeKind.NIC, name, place.box(), attributes));
    }
  }

  private static List<Element> os(Element device, String type) {
    return device.children("object").stream()
        .filter(child -> "OSDev".equals(child.get("type")) && type.equals(child.get("osdev_type")))
        .toList();
  }

  private static Map<String, String> pciAttributes(Element object) {
    Map<String, String> attributes = new LinkedHashMap<>();
    put(attributes, Attributes.BUS_ID, object.get("pci_busid"));
    PciType type = pciType(object);
    put(attributes, Attributes.PCI_CLASS, type.kind().isEmpty() ? null : "0x" + type.kind() + "00");
    put(attributes, Attributes.VENDOR, type.vendor().isEmpty() ? null : "0x" + type.vendor());
    put(attributes, Attributes.MODEL, type.device().isEmpty() ? null : "0x" + type.device());
    return attributes;
  }

  private void upward(Element object, String id, Spot place) {
    String above = place.numa() == null ? onlyDomain(place.host()) : place.numa();
    if (above == null) {
      complaints.noteOnce(
          "locality" + place.host(),
          object.place(),
          "its NUMA domain is not told, so nothing" + " joins it");
      return;
    }
    Double gigabytes = Numbers.number(object.get("pci_link_speed"));
    boolean known = gigabytes != null && gigabytes > 0;
    builder.cable(
        Link.of(
            above,
            id,
            LinkKind.PCIE,
            gigabytes == null || !known ? null : Double.valueOf(gigabytes * 1e9),
            HwlocXml.NAME));
  }

  private @Nullable String onlyDomain(String host) {
    String found = null;
    for (Domain domain : domains.subList(0, Math.min(domains.size(), MAX_DOMAINS))) {
      if (domain.host().equals(host)) {
        if (found != null) {
          return null;
        }
        found = domain.id();
      }
    }
    return found;
  }

  private void joinCores() {
    for (Core core : cores) {
      for (Domain domain : domains) {
        if (core.host().equals(domain.host()) && CpuSets.contains(domain.cpus(), core.cpus())) {
          builder.cable(Link.of(core.id(), domain.id(), LinkKind.MEMORY, null, HwlocXml.NAME));
        }
      }
    }
  }

  private void joinDomains() {
    for (int i = 0; i < domains.size(); i++) {
      for (int j = i + 1; j < domains.size(); j++) {
        if (domains.get(i).host().equals(domains.get(j).host())) {
          builder.cable(
              Link.of(domains.get(i).id(), domains.get(j).id(), LinkKind.SMP, null, HwlocXml.NAME));
        }
      }
    }
  }

  private static @Nullable String cpus(Element object) {
    String mask = object.get("cpuset");
    return mask == null ? null : CpuSets.listOfMask(mask);
  }

  private static @Nullable String info(Element object, String name) {
    return object.children("info").stream()
        .filter(info -> name.equals(info.get("name")))
        .map(info -> info.get("value"))
        .filter(value -> value != null)
        .findFirst()
        .orElse(null);
  }

  private static void put(Map<String, String> attributes, String key, @Nullable String value) {
    if (value != null && !value.isBlank()) {
      attributes.put(key, value);
    }
  }
}
