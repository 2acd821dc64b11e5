package dev.tutti.topology;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// What a rank can see of the host it runs on.
///
/// @param id equal for processes that can see each other: one boot of one kernel and one process
///   namespace, so containers with namespaces of their own count as hosts of their own
/// @param cores processors this process may use (cgroup and affinity limits included)
/// @param lastLevelCacheBytes size of the outermost data cache of one core; empty where the kernel
///   does not tell
/// @param memoryBytes physical memory; empty where the kernel does not tell
public record Host(
    String id, int cores, OptionalLong lastLevelCacheBytes, OptionalLong memoryBytes) {

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PROCESSES = Path.of("/proc/self/ns/pid");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /// Looks at the host this process runs on.
  ///
  /// @throws UncheckedIOException if the kernel's boot id cannot be read
  public static Host local() {
    return new Host(
        bootId() + processNamespace(),
        Runtime.getRuntime().availableProcessors(),
        lastLevelCache(CACHES),
        memory());
  }

  private static String bootId() {
    try {
      return read(BOOT_ID);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell this host from others: " + BOOT_ID, e);
    }
  }

  private static String processNamespace() {
    try {
      return "-" + Files.readSymbolicLink(PROCESSES).toString().replaceAll("[^0-9]", "");
    } catch (IOException | UnsupportedOperationException e) {
      return ""; // hidden: all processes count as one namespace
    }
  }

  /// Returns the size of the cache with the highest level that holds data.
  static OptionalLong lastLevelCache(Path directory) {
    int highest = 0;
    OptionalLong bytes = OptionalLong.empty();
    try (DirectoryStream<Path> indexes = Files.newDirectoryStream(directory, "index*")) {
      for (Path index : indexes) {
        int level = Integer.parseInt(read(index.resolve("level")));
        if (level > highest && !read(index.resolve("type")).equals("Instruction")) {
          highest = level;
          bytes = OptionalLong.of(parseSize(read(index.resolve("size"))));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty(); // virtual machines and containers may hide it
    }
    return bytes;
  }

  /// Parses the kernel's `32768K`.
  static long parseSize(String text) {
    long unit =
        switch (text.charAt(text.length() - 1)) {
          case 'K' -> 1L << 10;
          case 'M' -> 1L << 20;
          case 'G' -> 1L << 30;
          default -> 1;
        };
    return unit * Long.parseLong(unit == 1 ? text : text.substring(0, text.length() - 1));
  }

  private static OptionalLong memory() {
    try {
      for (String line : Files.readAllLines(MEMORY, StandardCharsets.US_ASCII)) {
        if (line.startsWith("MemTotal:")) {
          String kibibytes = line.replaceAll("[^0-9]", "");
          return OptionalLong.of(Long.parseLong(kibibytes) << 10);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
    return OptionalLong.empty();
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.US_ASCII).strip();
  }
}
