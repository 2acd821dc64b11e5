package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Collects findings about a file and gives them in the order of the file.
final class Complaints {
  private record Entry(int line, int column, Finding finding) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> said = new HashSet<>();

  void warning(Place place, String message) {
    entries.add(new Entry(place.line(), place.column(), place.warning(message)));
  }

  void note(Place place, String message) {
    entries.add(new Entry(place.line(), place.column(), place.note(message)));
  }

  /// Adds a note unless there was one about the same subject: a file may repeat a thousand times
  /// what is worth knowing once.
  void noteOnce(String subject, Place place, String message) {
    if (said.add(subject)) {
      note(place, message);
    }
  }

  /// Adds a warning unless there was one about the same subject.
  void warningOnce(String subject, Place place, String message) {
    if (said.add(subject)) {
      warning(place, message);
    }
  }

  /// Adds findings that were made before.
  void addAll(List<Finding> findings) {
    findings.forEach(finding -> entries.add(new Entry(0, 0, finding)));
  }

  List<Finding> inOrder() {
    return entries.stream()
        .sorted(Comparator.comparingInt(Entry::line).thenComparingInt(Entry::column))
        .map(Entry::finding)
        .toList();
  }
}
