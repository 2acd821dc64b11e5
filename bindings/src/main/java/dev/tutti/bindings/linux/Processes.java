package dev.tutti.bindings.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Java's view of processes leaves out.
public final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /// Returns whether a process runs, or may run again.
  ///
  /// One that has ended and whose parent has not waited for it (a zombie) is alive to
  /// `ProcessHandle`, but has neither memory nor files any more. Another process that has got the
  /// same number since is not taken for it.
  public static boolean isRunning(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    try {
      String stat =
          Files.readString(
              PROC.resolve(Long.toString(process.pid())).resolve("stat"),
              StandardCharsets.ISO_8859_1);
      return !stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (IOException _) {
      return process.isAlive(); // it has just gone, or there is no /proc
    }
  }
}
