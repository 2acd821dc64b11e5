package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.CpuList;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.discover.Processors.Part;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Adds packages, NUMA domains, caches and cores, and the ways from cores to memory.
final class ProcessorNodes {
  private final HostGraph graph;
  private final String origin;
  private final List<Place> packages = new ArrayList<>();
  private final List<Place> domains = new ArrayList<>();
  private final List<Place> caches = new ArrayList<>();

  /// A node and its CPUs.
  private record Place(String id, BitSet cpus) {}

  private ProcessorNodes(HostGraph graph, String origin) {
    this.graph = graph;
    this.origin = origin;
  }

  /// Adds everything.
  static void addTo(HostGraph graph, Processors processors) {
    ProcessorNodes nodes = new ProcessorNodes(graph, processors.origin());
    nodes.addPackages(processors.packages());
    nodes.addDomains(processors);
    nodes.addCaches(processors.caches());
    nodes.addCores(processors.cores());
  }

  private void addPackages(List<Part> parts) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      int number = part.index() == null ? i : part.index();
      String id = add("package" + number, NodeKind.PACKAGE, "package " + number, null, part);
      packages.add(new Place(id, part.cpus()));
    }
  }

  private String add(
      String name, NodeKind kind, String display, @Nullable String parent, Part part) {
    Map<String, String> attributes =
        new LinkedHashMap<>(
            Attribute.map(
                Attribute.of(Attributes.INDEX, part.index()),
                Attribute.of(Attributes.CPUS, CpuList.format(part.cpus()))));
    part.attributes().forEach(attributes::putIfAbsent);
    String box = parent == null ? graph.host() : parent;
    return graph.add(new Node(graph.id(name), kind, display, box, attributes));
  }

  private void addDomains(Processors processors) {
    List<NumaDomain> all = processors.domains();
    if (all.isEmpty() && !processors.cores().isEmpty()) {
      // A kernel without NUMA support: all memory is equally near to all cores.
      BitSet everything = new BitSet();
      processors.cores().forEach(core -> everything.or(core.cpus()));
      all = List.of(new NumaDomain(0, everything, null, Map.of()));
    }
    for (NumaDomain domain : all) {
      String id =
          graph.add(
              "numa" + domain.index(),
              NodeKind.NUMA,
              "NUMA " + domain.index(),
              around(packages, domain.cpus()),
              Attribute.of(Attributes.INDEX, domain.index()),
              Attribute.of(Attributes.CPUS, CpuList.format(domain.cpus())),
              Attribute.of(Attributes.BYTES, domain.bytes()));
      domains.add(new Place(id, domain.cpus()));
    }
    joinDomains(all);
  }

  /// The firmware tells how far, but not over which wires; so every pair of domains is joined.
  private void joinDomains(List<NumaDomain> all) {
    for (NumaDomain from : all) {
      for (NumaDomain to : all) {
        if (from.index() == to.index()) {
          continue;
        }
        boolean memoryAlone = from.cpus().isEmpty() || to.cpus().isEmpty();
        LinkKind kind = memoryAlone ? LinkKind.MEMORY : LinkKind.SMP;
        Link link =
            Link.of(
                graph.id("numa" + from.index()), graph.id("numa" + to.index()), kind, null, origin);
        Integer distance = from.distances().get(to.index());
        graph.link(
            distance == null ? link : link.withAttribute(Attributes.DISTANCE, distance.toString()));
      }
    }
  }

  private void addCaches(List<CpuCache> found) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (CpuCache cache : found) {
      int number = counts.merge(cache.level(), 1, Integer::sum) - 1;
      String id =
          graph.add(
              "l" + cache.level() + "-" + number,
              NodeKind.CACHE,
              "L" + cache.level(),
              box(cache.cpus()),
              Attribute.of(Attributes.LEVEL, cache.level()),
              Attribute.of(Attributes.CPUS, CpuList.format(cache.cpus())),
              Attribute.of(Attributes.BYTES, cache.bytes()));
      joinOutwards(id, cache.cpus());
      caches.add(new Place(id, cache.cpus()));
    }
  }

  /// Cores are counted through the host: each package begins again at 0.
  private void addCores(List<Part> parts) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      String id = add("core" + i, NodeKind.CORE, "core " + i, box(part.cpus()), part);
      joinOutwards(id, part.cpus());
    }
  }

  /// Joins a core or cache with the smallest cache around it, or with its domain; a cache that
  /// several domains share, with each of them.
  private void joinOutwards(String id, BitSet cpus) {
    String cache = around(caches, cpus);
    if (cache != null) {
      graph.cable(id, cache, LinkKind.MEMORY, origin);
      return;
    }
    for (Place domain : domains) {
      if (domain.cpus().intersects(cpus)) {
        graph.cable(id, domain.id(), LinkKind.MEMORY, origin);
      }
    }
  }

  private @Nullable String box(BitSet cpus) {
    String domain = around(domains, cpus);
    return domain != null ? domain : around(packages, cpus);
  }

  /// Returns the last of these places around some CPUs: they were added from the outside inwards.
  private static @Nullable String around(List<Place> places, BitSet cpus) {
    for (int i = places.size() - 1; i >= 0; i--) {
      if (CpuList.within(cpus, places.get(i).cpus())) {
        return places.get(i).id();
      }
    }
    return null;
  }
}
