package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Adds packages, NUMA domains, caches and cores from sysfs, for hosts without hwloc.
final class SysfsStructure {
  private final HostGraph graph;
  private final List<Place> packages = new ArrayList<>();
  private final List<Place> domains = new ArrayList<>();
  private final List<Place> caches = new ArrayList<>();

  /// A node and its CPUs.
  private record Place(String id, BitSet cpus) {}

  private SysfsStructure(HostGraph graph) {
    this.graph = graph;
  }

  /// Adds everything.
  static void addTo(HostGraph graph, SystemFiles files) {
    SysfsStructure structure = new SysfsStructure(graph);
    SysfsCpus cpus = SysfsCpus.read(files);
    structure.addPackages(cpus);
    structure.addDomains(SysfsNuma.read(files), cpus);
    structure.addCaches(cpus.caches());
    structure.addCores(cpus.cores());
  }

  private void addPackages(SysfsCpus cpus) {
    cpus.packages()
        .forEach((number, set) ->
            packages.add(
                new Place(
                    graph.add(
                        "package" + number,
                        NodeKind.PACKAGE,
                        "package " + number,
                        null,
                        Attribute.of(Attributes.INDEX, number),
                        Attribute.of(Attributes.CPUS, CpuList.format(set))),
                    set)));
  }

  private void addDomains(List<NumaDomain> found, SysfsCpus cpus) {
    List<NumaDomain> all = found;
    if (found.isEmpty() && !cpus.cores().isEmpty()) {
      // A kernel without NUMA support: all memory is equally near to all cores.
      BitSet everything = new BitSet();
      cpus.cores().forEach(everything::or);
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
    addDistances(all);
  }

  /// The firmware tells how far, but not over which wires; so every pair of domains is joined.
  private void addDistances(List<NumaDomain> all) {
    for (NumaDomain from : all) {
      for (NumaDomain to : all) {
        Integer distance = from.distances().get(to.index());
        if (from.index() != to.index() && distance != null) {
          boolean memoryAlone = from.cpus().isEmpty() || to.cpus().isEmpty();
          graph.link(
              Link.of(
                      graph.id("numa" + from.index()),
                      graph.id("numa" + to.index()),
                      memoryAlone ? LinkKind.MEMORY : LinkKind.SMP,
                      null,
                      HostGraph.SYSFS)
                  .withAttribute(Attributes.DISTANCE, distance.toString()));
        }
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

  private void addCores(List<BitSet> cores) {
    for (int i = 0; i < cores.size(); i++) {
      BitSet cpus = cores.get(i);
      String id =
          graph.add(
              "core" + i,
              NodeKind.CORE,
              "core " + i,
              box(cpus),
              Attribute.of(Attributes.INDEX, i),
              Attribute.of(Attributes.CPUS, CpuList.format(cpus)));
      joinOutwards(id, cpus);
    }
  }

  /// Joins a core or cache with the smallest cache around it, or with its domain; a cache that
  /// several domains share, with each of them.
  private void joinOutwards(String id, BitSet cpus) {
    String cache = around(caches, cpus);
    if (cache != null) {
      graph.cable(id, cache, LinkKind.MEMORY, HostGraph.SYSFS);
      return;
    }
    for (Place domain : domains) {
      if (domain.cpus().intersects(cpus)) {
        graph.cable(id, domain.id(), LinkKind.MEMORY, HostGraph.SYSFS);
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
