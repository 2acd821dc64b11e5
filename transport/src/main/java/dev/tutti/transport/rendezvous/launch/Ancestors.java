package dev.tutti.transport.rendezvous.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Looks for a process among the ancestors of this one, in Linux's `/proc`.
final class Ancestors {
  private static final Path PROC = Path.of("/proc");
  private static final int PARENT_FIELD = 1; // after the name: state, parent, ...
  private static final int START_FIELD = 19; // field 22 of proc_pid_stat(5)

  private Ancestors() {}

  private record Stat(String name, long parent, String start) {}

  /// Returns number and start time, `4711-98765`, of the nearest ancestor called `name`; null if
  /// there is none, or no `/proc`. The pair is unique until the host is started again.
  static @Nullable String find(String name) {
    long pid = ProcessHandle.current().pid();
    while (pid > 0) {
      Stat stat = stat(pid);
      if (stat == null) {
        return null;
      }
      if (stat.name.equals(name)) {
        return pid + "-" + stat.start;
      }
      pid = stat.parent;
    }
    return null;
  }

  /// Returns number and start time of this process, or just the number where there is no `/proc`.
  static String self() {
    long pid = ProcessHandle.current().pid();
    Stat stat = stat(pid);
    return stat == null ? Long.toString(pid) : pid + "-" + stat.start;
  }

  private static @Nullable Stat stat(long pid) {
    try {
      String line =
          Files.readString(
              PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
      int open = line.indexOf('(');
      int close = line.lastIndexOf(')'); // a name may hold brackets and blanks
      String[] fields = line.substring(close + 2).split(" ", START_FIELD + 2);
      return new Stat(
          line.substring(open + 1, close),
          Long.parseLong(fields[PARENT_FIELD]),
          fields[START_FIELD]);
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException _) {
      return null; // it has ended, or this is no Linux
    }
  }
}
