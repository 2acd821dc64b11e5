package dev.tutti.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// The machine that a measurement was taken on.
///
/// @param cpu model name of the processor
/// @param cores processors that this JVM may use
/// @param memoryBytes physical memory
/// @param availableBytes memory that new work may have
/// @param system kernel name and version
/// @param java vendor and version of the JDK
public record MachineInfo(
    String cpu, int cores, long memoryBytes, long availableBytes, String system, String java) {
  private static final String UNKNOWN = "unknown";

  /// Looks at this machine.
  public static MachineInfo read() {
    List<String> cpuinfo = lines(Path.of("/proc/cpuinfo"));
    List<String> meminfo = lines(Path.of("/proc/meminfo"));
    return new MachineInfo(
        value(cpuinfo, "model name"),
        Runtime.getRuntime().availableProcessors(),
        kilobytes(value(meminfo, "MemTotal")),
        kilobytes(value(meminfo, "MemAvailable")),
        System.getProperty("os.name", UNKNOWN) + " " + System.getProperty("os.version", ""),
        System.getProperty("java.vendor.version", System.getProperty("java.vendor", ""))
            + " "
            + System.getProperty("java.runtime.version", ""));
  }

  /// Returns the machine in one line.
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %.1f GiB, %s",
        cpu,
        cores,
        memoryBytes / (double) (1L << 30),
        system);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException _) {
      return List.of(); // not Linux: the line says unknown
    }
  }

  private static String value(List<String> lines, String key) {
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
        return line.substring(colon + 1).strip();
      }
    }
    return UNKNOWN;
  }

  private static long kilobytes(String text) {
    int blank = text.indexOf(' ');
    return blank < 0 ? 0 : Long.parseLong(text.substring(0, blank)) << 10;
  }
}
