package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.CpuList;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.discover.Processors.Part;
import dev.tutti.topology.format.HwlocXml;
import dev.tutti.topology.format.SourceFile;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What hwloc sees of a host: its processors, near which NUMA domain devices are, and what devices
/// are called.
///
/// The PCI tree itself is taken from sysfs, which hwloc reads too but does not tell all of: rates
/// of idle links, virtual functions, ports.
///
/// @param processors packages, domains, caches, cores
/// @param numas number of the NUMA domain near a PCI device, by its address
/// @param names what PCI devices are called, by their address
record HwlocView(
    Processors processors, Map<String, Integer> numas, Map<String, Map<String, String>> names) {
  private static final String VERSION = "hwlocVersion";
  private static final String PLACE = "hwloc";

  /// Names that sysfs has only numbers for.
  private static final List<String> NAMES = List.of("pciName", "modelName", "coProcessor");

  HwlocView {
    numas = Map.copyOf(numas);
    names = Map.copyOf(names);
  }

  /// Returns the processors with the distances between domains as sysfs tells them, and with the
  /// memory of a domain where hwloc does not tell it.
  Processors processors(List<NumaDomain> sysfs) {
    List<NumaDomain> domains = new ArrayList<>();
    for (NumaDomain domain : processors.domains()) {
      NumaDomain same =
          sysfs.stream().filter(each -> each.index() == domain.index()).findFirst().orElse(domain);
      Long bytes = domain.bytes() == null ? same.bytes() : domain.bytes();
      domains.add(new NumaDomain(domain.index(), domain.cpus(), bytes, same.distances()));
    }
    return processors.withDomains(domains);
  }

  /// Takes a view from hwloc's XML.
  ///
  /// @throws dev.tutti.topology.TopologyFormatException if it is none
  static HwlocView of(String xml) {
    Topology topology = new HwlocXml().read(new SourceFile(PLACE, xml)).topology();
    String version = topology.nodes(NodeKind.HOST).getFirst().attribute(VERSION);
    Processors processors =
        new Processors(
            version == null ? PLACE : PLACE + " " + version,
            parts(topology, NodeKind.PACKAGE),
            domains(topology),
            caches(topology),
            parts(topology, NodeKind.CORE));
    Map<String, Integer> numas = new HashMap<>();
    Map<String, Map<String, String>> names = new HashMap<>();
    for (Node node : topology.nodes()) {
      String address = node.attribute(Attributes.BUS_ID);
      if (address != null) {
        Map<String, String> told = new HashMap<>(node.attributes());
        told.keySet().retainAll(NAMES);
        names.put(address, told);
        Integer numa = numa(topology, node);
        if (numa != null) {
          numas.put(address, numa);
        }
      }
    }
    return new HwlocView(processors, numas, names);
  }

  private static List<Part> parts(Topology topology, NodeKind kind) {
    return topology.nodes(kind).stream()
        .map(node -> {
          Map<String, String> more = new HashMap<>(node.attributes());
          more.keySet().retainAll(List.of(Attributes.VENDOR, Attributes.MODEL));
          return new Part(index(node), cpus(node), more);
        })
        .toList();
  }

  private static List<NumaDomain> domains(Topology topology) {
    List<NumaDomain> domains = new ArrayList<>();
    for (Node node : topology.nodes(NodeKind.NUMA)) {
      Integer index = index(node);
      Long bytes = SystemFiles.parse(node.attribute(Attributes.BYTES));
      domains.add(
          new NumaDomain(index == null ? domains.size() : index, cpus(node), bytes, Map.of()));
    }
    domains.sort(Comparator.comparingInt(NumaDomain::index));
    return domains;
  }

  private static List<CpuCache> caches(Topology topology) {
    List<CpuCache> caches = new ArrayList<>();
    for (Node node : topology.nodes(NodeKind.CACHE)) {
      Long level = SystemFiles.parse(node.name().substring(1)); // L3
      Long bytes = SystemFiles.parse(node.attribute(Attributes.BYTES));
      if (level != null && bytes != null) {
        caches.add(new CpuCache(level.intValue(), bytes, cpus(node)));
      }
    }
    caches.sort(Comparator.comparingInt(CpuCache::level).reversed());
    return caches;
  }

  private static BitSet cpus(Node node) {
    BitSet cpus = CpuList.parse(node.attribute(Attributes.CPUS));
    return cpus == null ? new BitSet() : cpus;
  }

  private static @Nullable Integer index(Node node) {
    Long index = SystemFiles.parse(node.attribute(Attributes.INDEX));
    return index == null ? null : index.intValue();
  }

  /// Returns the number of the only domain in the innermost box around a device that has any.
  private static @Nullable Integer numa(Topology topology, Node device) {
    String box = device.parent();
    while (box != null) {
      Node node = topology.node(box);
      if (node.kind() == NodeKind.NUMA) {
        return index(node);
      }
      List<Node> domains =
          topology.children(box).stream().filter(each -> each.kind() == NodeKind.NUMA).toList();
      if (!domains.isEmpty()) {
        return domains.size() == 1 ? index(domains.getFirst()) : null;
      }
      box = node.parent();
    }
    return null;
  }
}
