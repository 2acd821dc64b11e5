package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.CpuList;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The node of the host itself: its name, its identity, and what this process may use of it.
final class HostNode {
  private static final String NAME = "proc/sys/kernel/hostname";
  private static final String RELEASE = "proc/sys/kernel/osrelease";
  private static final String MEMORY = "proc/meminfo";
  private static final String STATUS = "proc/self/status";
  private static final Pattern TOTAL = Pattern.compile("MemTotal: *([0-9]+) kB");
  private static final Pattern ALLOWED = Pattern.compile("Cpus_allowed_list:\\s*(\\S+)");

  private HostNode() {}

  /// Returns the node.
  ///
  /// @param hostId what tells this host from others, see [dev.tutti.topology.Host#id]
  /// @param called what it is called, null for what the kernel says
  static Node read(SystemFiles files, String hostId, @Nullable String called) {
    String told = called == null ? files.text(NAME) : called;
    String name = told == null ? "host" : told;
    CgroupLimits limits = CgroupLimits.read(files);
    BitSet allowed = allowed(files, limits.cpus());
    Long kibibytes = SystemFiles.parse(find(files.lines(MEMORY), TOTAL));
    return new Node(
        name.replace('/', '_'), // a slash would look like something inside of something
        NodeKind.HOST,
        name,
        null,
        Attribute.map(
            Attribute.of(Attributes.HOST_ID, hostId),
            Attribute.of(Attributes.KERNEL, files.text(RELEASE)),
            Attribute.of(Attributes.CPUS, allowed == null ? null : CpuList.format(allowed)),
            Attribute.of(Attributes.CORES_ALLOWED, cores(allowed, limits.cores())),
            Attribute.of(Attributes.BYTES, kibibytes == null ? null : kibibytes << 10),
            Attribute.of(Attributes.MEMORY_LIMIT, limits.memoryBytes())));
  }

  /// Returns the CPUs that affinity and control group leave, null if neither tells.
  private static @Nullable BitSet allowed(SystemFiles files, @Nullable BitSet group) {
    BitSet own = CpuList.parse(find(files.lines(STATUS), ALLOWED));
    if (own == null || group == null) {
      return own == null ? group : own;
    }
    BitSet both = (BitSet) own.clone();
    both.and(group);
    return both;
  }

  private static @Nullable String cores(@Nullable BitSet allowed, @Nullable Double quota) {
    if (allowed == null || (quota != null && quota < allowed.cardinality())) {
      return quota == null
          ? null
          : BigDecimal.valueOf(quota)
              .setScale(2, RoundingMode.HALF_UP)
              .stripTrailingZeros()
              .toPlainString();
    }
    return String.valueOf(allowed.cardinality());
  }

  private static @Nullable String find(List<String> lines, Pattern pattern) {
    for (String line : lines) {
      Matcher matcher = pattern.matcher(line.strip());
      if (matcher.matches()) {
        return matcher.group(1);
      }
    }
    return null;
  }
}
