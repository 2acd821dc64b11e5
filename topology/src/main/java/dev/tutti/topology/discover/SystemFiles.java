package dev.tutti.topology.discover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Files of the kernel below a root: `/`, or a folder that looks like it. What cannot be read, for
/// whatever reason, is null or empty: the kernel answers `EINVAL` where it does not know, and a
/// container hides what it likes.
///
/// @param root the folder that holds `sys`, `proc` and `etc`
record SystemFiles(Path root) {
  /// Returns a file's text without blanks around it, null if it cannot be read or is empty.
  @Nullable String text(String path) {
    try {
      String text = Files.readString(root.resolve(path), StandardCharsets.ISO_8859_1).strip();
      return text.isEmpty() ? null : text;
    } catch (IOException e) {
      return null;
    }
  }

  /// Returns a file's lines, none if it cannot be read.
  List<String> lines(String path) {
    String text = text(path);
    return text == null ? List.of() : text.lines().toList();
  }

  /// Returns a file's decimal number, null if it has none.
  @Nullable Long number(String path) {
    return parse(text(path));
  }

  /// Returns a file's decimal number if it is at least 0, else null: the kernel writes -1 for
  /// "unknown".
  @Nullable Long count(String path) {
    Long number = number(path);
    return number == null || number < 0 ? null : number;
  }

  /// Returns a decimal number, null if the text is none.
  static @Nullable Long parse(@Nullable String text) {
    try {
      return text == null ? null : Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /// Tells whether there is such a file, folder or link.
  boolean exists(String path) {
    return Files.exists(root.resolve(path));
  }

  /// Returns the names in a folder, numbers in them in numeric order; none if it cannot be read.
  List<String> names(String folder) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(folder))) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
    names.sort(SystemFiles::compareNames);
    return Collections.unmodifiableList(names);
  }

  /// Returns the names in a folder that are a prefix and a number, as numbers in order.
  List<Integer> numbered(String folder, String prefix) {
    return names(folder).stream()
        .filter(name -> name.startsWith(prefix) && name.length() > prefix.length())
        .map(name -> parse(name.substring(prefix.length())))
        .filter(number -> number != null && number >= 0 && number <= Integer.MAX_VALUE)
        .map(Long::intValue)
        .sorted()
        .toList();
  }

  /// Returns where a path ends when all links are followed, relative to the root; null if nowhere.
  @Nullable Path real(String path) {
    try {
      return root.toRealPath().relativize(root.resolve(path).toRealPath());
    } catch (IOException e) {
      return null;
    }
  }

  /// Returns the last name of where a link leads, null if there is no such link.
  @Nullable String realName(String path) {
    Path real = real(path);
    return real == null ? null : real.getFileName().toString();
  }

  /// Compares by runs of digits and of other characters: `eth2` before `eth10`.
  private static int compareNames(String left, String right) {
    int i = 0;
    int j = 0;
    while (i < left.length() && j < right.length()) {
      int leftEnd = run(left, i);
      int rightEnd = run(right, j);
      String a = left.substring(i, leftEnd);
      String b = right.substring(j, rightEnd);
      boolean numbers = Character.isDigit(a.charAt(0)) && Character.isDigit(b.charAt(0));
      int order = numbers && a.length() != b.length() ? a.length() - b.length() : a.compareTo(b);
      if (order != 0) {
        return order;
      }
      i = leftEnd;
      j = rightEnd;
    }
    return (left.length() - i) - (right.length() - j);
  }

  private static int run(String text, int start) {
    boolean digits = Character.isDigit(text.charAt(start));
    int end = start;
    while (end < text.length() && Character.isDigit(text.charAt(end)) == digits) {
      end++;
    }
    return end;
  }
}
