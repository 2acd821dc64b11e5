package dev.tutti.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What the standard streams are connected to.
public final class Terminal {
  private Terminal() {}

  /// When to use colours.
  public enum ColorMode {
    /// On a terminal, unless NO_COLOR is set.
    AUTO,
    /// Always.
    ALWAYS,
    /// Never.
    NEVER
  }

  /// Returns whether standard output is a terminal.
  public static boolean isStdout() {
    return isTerminal(1);
  }

  /// Returns whether standard error is a terminal.
  public static boolean isStderr() {
    return isTerminal(2);
  }

  /// Returns the colours for standard output.
  public static Palette palette(ColorMode mode) {
    return palette(mode, isStdout(), System.getenv("NO_COLOR"), System.getenv("TERM"));
  }

  static Palette palette(
      ColorMode mode, boolean terminal, @Nullable String noColor, @Nullable String term) {
    boolean wanted =
        switch (mode) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO -> terminal && (noColor == null || noColor.isEmpty()) && !"dumb".equals(term);
        };
    return wanted ? Palette.ANSI : Palette.PLAIN;
  }

  /// `Console.isTerminal` speaks of standard input and output together and not of standard error,
  /// so the kernel is asked.
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException _) {
      return false;
    }
  }
}
