package dev.tutti.topology.discover;

import dev.tutti.topology.CpuList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What control groups leave to this process: the strictest limit of its group and all above it.
///
/// @param cores processor time in cores, null if not limited
/// @param cpus the CPUs it may use, null if not told
/// @param memoryBytes the most memory it may have, null if not limited
record CgroupLimits(@Nullable Double cores, @Nullable BitSet cpus, @Nullable Long memoryBytes) {
  private static final String SELF = "proc/self/cgroup";
  private static final String MOUNTS = "proc/self/mountinfo";

  /// Version 1 writes "no limit" as the largest multiple of a page.
  private static final long UNLIMITED = Long.MAX_VALUE - (1 << 16);

  /// Reads the limits, of either version or both side by side.
  static CgroupLimits read(SystemFiles files) {
    Double cores = null;
    Long memory = null;
    BitSet cpus = null;
    for (Mount mount : mounts(files)) {
      for (String folder : mount.folders(files)) {
        cores = min(cores, mount.version2() ? coresOf2(files, folder) : coresOf1(files, folder));
        memory = min(memory, memory(files, folder, mount.version2()));
        if (cpus == null) { // the innermost that tells: it is within those above it
          cpus = cpus(files, folder, mount.version2());
        }
      }
    }
    return new CgroupLimits(cores, cpus, memory);
  }

  private static @Nullable Double coresOf2(SystemFiles files, String folder) {
    String text = files.text(folder + "/cpu.max");
    if (text == null) {
      return null;
    }
    String[] fields = text.split(" ", 2); // quota and period, or `max` and period
    return fields.length < 2
        ? null
        : ratio(SystemFiles.parse(fields[0]), SystemFiles.parse(fields[1]));
  }

  private static @Nullable Double coresOf1(SystemFiles files, String folder) {
    return ratio(
        files.number(folder + "/cpu.cfs_quota_us"), files.number(folder + "/cpu.cfs_period_us"));
  }

  private static @Nullable Double ratio(@Nullable Long quota, @Nullable Long period) {
    return quota == null || period == null || quota <= 0 || period <= 0
        ? null
        : Double.valueOf((double) quota / period);
  }

  private static @Nullable Long memory(SystemFiles files, String folder, boolean version2) {
    Long bytes = files.count(folder + (version2 ? "/memory.max" : "/memory.limit_in_bytes"));
    return bytes == null || bytes >= UNLIMITED ? null : bytes;
  }

  private static @Nullable BitSet cpus(SystemFiles files, String folder, boolean version2) {
    String effective = version2 ? "/cpuset.cpus.effective" : "/cpuset.effective_cpus";
    BitSet cpus = CpuList.parse(files.text(folder + effective));
    return cpus != null || version2 ? cpus : CpuList.parse(files.text(folder + "/cpuset.cpus"));
  }

  private static <T extends Comparable<T>> @Nullable T min(@Nullable T left, @Nullable T right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return left.compareTo(right) <= 0 ? left : right;
  }

  /// A hierarchy of groups and where this process is in it.
  ///
  /// @param version2 whether it is of version 2
  /// @param folder where it is mounted, relative to the root
  /// @param top which group is mounted there
  /// @param group which group the process is in
  private record Mount(boolean version2, String folder, String top, String group) {
    /// Returns the folders of the group and of all above it that can be seen, innermost first.
    List<String> folders(SystemFiles files) {
      String below = group;
      if (!top.equals("/")) {
        // In a container the mount shows a part of the hierarchy, the group is told in full.
        below = group.startsWith(top) ? group.substring(top.length()) : "";
      }
      List<String> folders = new ArrayList<>();
      for (Path path = Path.of("/" + below).normalize(); path != null; path = path.getParent()) {
        String each = path.getNameCount() == 0 ? folder : folder + path;
        if (files.exists(each)) {
          folders.add(each);
        }
      }
      return folders;
    }
  }

  private static List<Mount> mounts(SystemFiles files) {
    List<Mount> mounts = new ArrayList<>();
    for (String line : files.lines(MOUNTS)) {
      // 32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
      int separator = line.indexOf(" - ");
      String[] left = (separator < 0 ? line : line.substring(0, separator)).split(" ", -1);
      String[] right = separator < 0 ? new String[0] : line.substring(separator + 3).split(" ", -1);
      if (left.length < 5 || right.length < 3 || !right[0].startsWith("cgroup")) {
        continue;
      }
      boolean version2 = right[0].equals("cgroup2");
      String group = group(files.lines(SELF), version2, List.of(right[2].split(",", -1)));
      if (group != null) {
        mounts.add(new Mount(version2, left[4].substring(1), left[3], group));
      }
    }
    return mounts;
  }

  /// Returns the group of `4:memory:/job`, or of `0::/job` for version 2.
  private static @Nullable String group(
      List<String> lines, boolean version2, List<String> controllers) {
    for (String line : lines) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3
          && (version2
              ? fields[1].isEmpty()
              : List.of(fields[1].toLowerCase(Locale.ROOT).split(",", -1)).stream()
                  .anyMatch(name -> !name.isEmpty() && controllers.contains(name)))) {
        return fields[2];
      }
    }
    return null;
  }
}
