package dev.tutti.bench.doctor;

import java.util.List;

/// Checks of one kind.
///
/// @param title what they are about, one word
/// @param checks in the order of showing
public record Section(String title, List<Check> checks) {
  /// Copies.
  public Section {
    checks = List.copyOf(checks);
  }
}
