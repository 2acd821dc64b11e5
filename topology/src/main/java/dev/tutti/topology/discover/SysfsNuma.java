package dev.tutti.topology.discover;

import dev.tutti.topology.CpuList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads NUMA domains from `/sys/devices/system/node`.
final class SysfsNuma {
  private static final String NODES = "sys/devices/system/node";
  private static final Pattern TOTAL = Pattern.compile("Node [0-9]+ MemTotal: *([0-9]+) kB");
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private SysfsNuma() {}

  /// Returns the domains by number; none where the kernel knows no NUMA.
  static List<NumaDomain> read(SystemFiles files) {
    List<Integer> numbers = files.numbered(NODES, "node");
    return numbers.stream().map(number -> read(files, number, numbers)).toList();
  }

  private static NumaDomain read(SystemFiles files, int number, List<Integer> numbers) {
    String folder = NODES + "/node" + number + "/";
    BitSet cpus = CpuList.parse(files.text(folder + "cpulist"));
    return new NumaDomain(
        number,
        cpus == null ? new BitSet() : cpus,
        bytes(files.lines(folder + "meminfo")),
        distances(files.text(folder + "distance"), numbers));
  }

  private static @Nullable Long bytes(List<String> lines) {
    for (String line : lines) {
      Matcher matcher = TOTAL.matcher(line.strip());
      Long kibibytes = matcher.matches() ? SystemFiles.parse(matcher.group(1)) : null;
      if (kibibytes != null) {
        return kibibytes << 10;
      }
    }
    return null;
  }

  /// The row has one number for each domain that is online, in their order.
  private static Map<Integer, Integer> distances(@Nullable String row, List<Integer> numbers) {
    Map<Integer, Integer> distances = new HashMap<>();
    String[] fields = row == null ? new String[0] : BLANKS.split(row);
    if (fields.length == numbers.size()) {
      for (int i = 0; i < fields.length; i++) {
        Long distance = SystemFiles.parse(fields[i]);
        if (distance != null) {
          distances.put(numbers.get(i), distance.intValue());
        }
      }
    }
    return distances;
  }
}
