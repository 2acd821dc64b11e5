package dev.tutti.topology.discover;

import dev.tutti.topology.CpuList;
import dev.tutti.topology.discover.Processors.Part;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads packages, cores and data caches from `/sys/devices/system/cpu`, and NUMA domains.
final class SysfsCpus {
  private static final String CPUS = "sys/devices/system/cpu";

  /// The first level belongs to one core nearly everywhere and would only make pictures larger.
  private static final int MIN_LEVEL = 2;

  private SysfsCpus() {}

  /// Reads them. CPUs that are offline have no place and do not show.
  static Processors read(SystemFiles files) {
    Map<Integer, BitSet> packages = new TreeMap<>();
    Set<BitSet> cores = new LinkedHashSet<>();
    Map<String, CpuCache> caches = new LinkedHashMap<>();
    for (int cpu : files.numbered(CPUS, "cpu")) {
      String folder = CPUS + "/cpu" + cpu + "/";
      BitSet core = core(files, folder + "topology/");
      if (core == null) {
        continue;
      }
      cores.add(core);
      Long number = files.count(folder + "topology/physical_package_id");
      if (number != null) {
        packages.computeIfAbsent(number.intValue(), _ -> new BitSet()).set(cpu);
      }
      for (CpuCache cache : caches(files, folder + "cache")) {
        caches.putIfAbsent(cache.level() + ":" + CpuList.format(cache.cpus()), cache);
      }
    }
    List<Part> parts = new ArrayList<>();
    packages.forEach((number, cpus) -> parts.add(new Part(number, cpus, Map.of())));
    return new Processors(
        HostGraph.SYSFS,
        parts,
        SysfsNuma.read(files),
        outerFirst(caches.values()),
        cores.stream().map(cpus -> new Part(null, cpus, Map.of())).toList());
  }

  private static @Nullable BitSet core(SystemFiles files, String topology) {
    BitSet core = CpuList.parse(files.text(topology + "core_cpus_list"));
    return core != null ? core : CpuList.parse(files.text(topology + "thread_siblings_list"));
  }

  private static List<CpuCache> caches(SystemFiles files, String folder) {
    List<CpuCache> caches = new ArrayList<>();
    for (int index : files.numbered(folder, "index")) {
      String each = folder + "/index" + index + "/";
      Long level = files.count(each + "level");
      Long bytes = bytes(files.text(each + "size"));
      BitSet cpus = CpuList.parse(files.text(each + "shared_cpu_list"));
      boolean holdsData = !"Instruction".equals(files.text(each + "type"));
      if (level != null && level >= MIN_LEVEL && bytes != null && cpus != null && holdsData) {
        caches.add(new CpuCache(level.intValue(), bytes, cpus));
      }
    }
    return caches;
  }

  /// Parses the kernel's `32768K`.
  static @Nullable Long bytes(@Nullable String text) {
    if (text == null) {
      return null;
    }
    int shift =
        switch (text.charAt(text.length() - 1)) {
          case 'K' -> 10;
          case 'M' -> 20;
          case 'G' -> 30;
          default -> 0;
        };
    Long number = SystemFiles.parse(shift == 0 ? text : text.substring(0, text.length() - 1));
    return number == null || number <= 0 ? null : Long.valueOf(number << shift);
  }

  private static List<CpuCache> outerFirst(Collection<CpuCache> caches) {
    return caches.stream()
        .sorted((left, right) -> Integer.compare(right.level(), left.level())) // stable
        .toList();
  }
}
