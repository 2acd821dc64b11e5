package dev.tutti.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many cores somebody else was using: what the whole machine was busy for, less what this
/// process and its ended children were. The kernel counts both in hundredths of a second. Linux
/// only; elsewhere the load is 0.
final class CpuLoad {
  private static final Path MACHINE = Path.of("/proc/stat");
  private static final Path SELF = Path.of("/proc/self/stat");
  private static final double TICKS_PER_SECOND = 100;

  private final long startNanos = System.nanoTime();
  private final double startForeign = foreignSeconds();

  /// Returns the cores that others used on average since this object was made.
  double foreignCores() {
    double seconds = (System.nanoTime() - startNanos) * 1e-9;
    return Math.max(0, (foreignSeconds() - startForeign) / Math.max(seconds, 1e-3));
  }

  private static double foreignSeconds() {
    try {
      return (busyTicks(Files.readString(MACHINE)) - ownTicks(Files.readString(SELF)))
          / TICKS_PER_SECOND;
    } catch (IOException _) {
      return 0;
    }
  }

  /// Returns the ticks in which a core was neither idle nor waiting for a device, from the first
  /// line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. Interrupts do not
  /// count: they carry the TCP segments of what is measured and belong to no process.
  static long busyTicks(String stat) {
    String[] words = stat.lines().findFirst().orElse("").split("\\s+");
    long busy = 0;
    for (int i = 1; i <= 8 && i < words.length; i++) {
      if (i < 4 || i > 7) {
        busy += Long.parseLong(words[i]);
      }
    }
    return busy;
  }

  /// Returns the ticks of a process and of the children that it has waited for, from
  /// `/proc/PID/stat`: fields 14 to 17. The second field, in parentheses, may contain blanks.
  static long ownTicks(String stat) {
    String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int field = 14; field <= 17; field++) {
      ticks += Long.parseLong(words[field - 3]);
    }
    return ticks;
  }
}
