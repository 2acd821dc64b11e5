package dev.tutti.topology.discover;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The processors of a host and what is around them, whoever told.
///
/// @param origin who told: `sysfs`, `hwloc 2.9.0`
/// @param packages processor packages; empty if unknown
/// @param domains NUMA domains
/// @param caches data caches, outer levels first
/// @param cores cores
record Processors(
    String origin,
    List<Part> packages,
    List<NumaDomain> domains,
    List<CpuCache> caches,
    List<Part> cores) {

  Processors {
    packages = List.copyOf(packages);
    domains = List.copyOf(domains);
    caches = List.copyOf(caches);
    cores = List.copyOf(cores);
  }

  /// A package or core.
  ///
  /// @param index how the kernel counts it, null if unknown; several cores may have the same
  /// @param cpus its CPUs (hardware threads)
  /// @param attributes what else is known
  record Part(@Nullable Integer index, BitSet cpus, Map<String, String> attributes) {
    Part {
      cpus = (BitSet) cpus.clone();
      attributes = Map.copyOf(attributes);
    }
  }

  /// Returns the same with other domains.
  Processors withDomains(List<NumaDomain> others) {
    return new Processors(origin, packages, others, caches, cores);
  }
}
