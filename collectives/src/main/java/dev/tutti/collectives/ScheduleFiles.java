package dev.tutti.collectives;

import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.schedule.ScheduleFormatException;
import dev.tutti.collectives.schedule.ScheduleJson;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Schedules that come from files: the option `algorithm` with `file:` before each path, several
/// separated by commas.
///
/// A schedule is used for its collective and root in every communicator of as many ranks as it is
/// for; it is proved before it runs, like any other. Every rank reads the file, and all must read
/// the same: its checksum is part of what they compare at join.
final class ScheduleFiles {
  private static final String PREFIX = "file:";

  private ScheduleFiles() {}

  /// Returns the name of the algorithm that the planner is held to, null if it is free or the
  /// option names files.
  static @Nullable String name(@Nullable String option) {
    return option == null || option.startsWith(PREFIX) ? null : option;
  }

  /// Returns the option in words that are equal where the same schedules are meant.
  ///
  /// @throws IllegalArgumentException if a file cannot be read
  static String fingerprint(@Nullable String option) {
    if (option == null || !option.startsWith(PREFIX)) {
      return String.valueOf(option);
    }
    StringBuilder words = new StringBuilder("file");
    for (Path path : paths(option)) {
      CRC32C sum = new CRC32C();
      sum.update(read(path).getBytes(StandardCharsets.UTF_8));
      words.append(':').append(Long.toHexString(sum.getValue()));
    }
    return words.toString();
  }

  /// Has a planner use the schedules that are for so many ranks, possibly none.
  ///
  /// @return for how many ranks each of the schedules is
  /// @throws IllegalArgumentException if a file cannot be read, or is no schedule
  static List<Integer> prefer(@Nullable String option, int ranks, Planner planner) {
    List<Integer> sizes = new ArrayList<>();
    if (option != null && option.startsWith(PREFIX)) {
      for (Path path : paths(option)) {
        ScheduleSet set = parse(path);
        sizes.add(set.ranks());
        if (set.ranks() == ranks) {
          planner.prefer(PREFIX + path.getFileName(), set);
        }
      }
    }
    return sizes;
  }

  /// Has the planner of a new world use the schedules.
  ///
  /// @throws IllegalArgumentException as above, or if there are schedules and none is for so many
  ///   ranks
  static void preferInWorld(@Nullable String option, int ranks, Planner planner) {
    List<Integer> sizes = prefer(option, ranks, planner);
    if (!sizes.isEmpty() && !sizes.contains(ranks)) {
      throw new IllegalArgumentException(
          "tutti.algorithm is "
              + option
              + ", schedules for "
              + sizes
              + " ranks, but the world has "
              + ranks);
    }
  }

  private static List<Path> paths(String option) {
    return Arrays.stream(option.split(",", -1)).map(ScheduleFiles::path).toList();
  }

  private static Path path(String word) {
    if (!word.startsWith(PREFIX) || word.length() == PREFIX.length()) {
      throw new IllegalArgumentException(
          "tutti.algorithm has '" + word + "' among files, expected file:PATH");
    }
    return Path.of(word.substring(PREFIX.length()));
  }

  private static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new IllegalArgumentException("tutti.algorithm: cannot read " + path + ": " + e, e);
    }
  }

  private static ScheduleSet parse(Path path) {
    String text = read(path);
    try {
      return text.stripLeading().startsWith("{")
          ? ScheduleJson.parse(text)
          : ScheduleText.parse(text);
    } catch (ScheduleFormatException e) {
      throw new IllegalArgumentException("tutti.algorithm: " + path + ": " + e.getMessage(), e);
    }
  }
}
