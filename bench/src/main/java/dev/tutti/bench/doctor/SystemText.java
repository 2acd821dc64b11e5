package dev.tutti.bench.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Short files of the kernel.
final class SystemText {
  private SystemText() {}

  /// Returns a file without blanks around it, null if it cannot be read.
  static @Nullable String read(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException _) {
      return null; // not this kernel, or not for this user
    }
  }

  /// Returns the lines of a file; none if it cannot be read.
  static List<String> lines(String file) {
    String text = read(file);
    return text == null ? List.of() : text.lines().toList();
  }

  /// Returns the chosen one of `always [madvise] never`, or the whole text.
  static @Nullable String choice(String file) {
    String text = read(file);
    if (text == null) {
      return null;
    }
    int from = text.indexOf('[');
    int to = text.indexOf(']', from + 1);
    return from < 0 || to < 0 ? text : text.substring(from + 1, to);
  }
}
