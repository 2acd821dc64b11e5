package dev.tutti.bench.doctor;

import dev.tutti.bench.netlab.LabSupport;
import dev.tutti.bench.report.MachineInfo;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The host and what of it this process may use.
final class HostChecks {
  private static final String LIMITS = "/proc/self/limits";
  private static final Pattern GAP = Pattern.compile("\\s{2,}");
  private static final String UNLIMITED = "unlimited";
  private static final long ENOUGH_FILES = 4096;
  private static final double GIB = 1L << 30;

  private HostChecks() {}

  static List<Check> all(Topology topology) {
    List<Check> checks = new ArrayList<>();
    MachineInfo machine = MachineInfo.read();
    checks.add(Check.ok("machine", machine.describe()));
    topology.nodes().stream()
        .filter(node -> node.kind() == NodeKind.HOST)
        .findFirst()
        .ifPresent(host -> checks.addAll(ofHost(host)));
    checks.add(lockedMemory());
    checks.add(openFiles());
    checks.add(netlab());
    return checks;
  }

  private static List<Check> ofHost(Node host) {
    String cores = host.attribute(Attributes.CORES_ALLOWED);
    String cpus = host.attribute(Attributes.CPUS);
    String limit = host.attribute(Attributes.MEMORY_LIMIT);
    return List.of(
        Check.ok(
            "processors",
            (cores == null ? "not limited" : cores + " may be used")
                + (cpus == null ? "" : " (CPUs " + cpus + ")")),
        Check.ok(
            "control group",
            limit == null
                ? "memory not limited"
                : String.format(Locale.ROOT, "memory limited to %.1f GiB", bytes(limit) / GIB)));
  }

  private static double bytes(String number) {
    return Double.parseDouble(number);
  }

  private static Check lockedMemory() {
    String soft = limit("Max locked memory");
    Check check = Check.ok("locked memory", soft == null ? "unknown" : inKibibytes(soft));
    return soft == null || soft.equals(UNLIMITED)
        ? check
        : check.withAdvice(
            "RDMA (UCX, NCCL) pins its buffers: 'ulimit -l unlimited' for the ranks");
  }

  private static String inKibibytes(String bytes) {
    return bytes.equals(UNLIMITED) ? bytes : (Long.parseLong(bytes) >> 10) + " KiB";
  }

  private static Check openFiles() {
    String soft = limit("Max open files");
    Check check = Check.ok("open files", soft == null ? "unknown" : soft);
    return soft == null || soft.equals(UNLIMITED) || Long.parseLong(soft) >= ENOUGH_FILES
        ? check
        : check.withAdvice(
            "each pair of ranks has connections: 'ulimit -n "
                + ENOUGH_FILES
                + "' for large worlds");
  }

  /// Returns the soft limit of a line such as `Max open files 1024 4096 files`.
  private static @Nullable String limit(String title) {
    for (String line : SystemText.lines(LIMITS)) {
      List<String> fields = GAP.splitAsStream(line).toList();
      if (fields.size() > 1 && fields.getFirst().equals(title)) {
        return fields.get(1);
      }
    }
    return null;
  }

  private static Check netlab() {
    String missing = LabSupport.missing();
    return missing == null
        ? Check.ok("netlab", "ip, tc and network namespaces work")
        : Check.missing("netlab", missing, "only 'tutti netlab' needs it");
  }
}
