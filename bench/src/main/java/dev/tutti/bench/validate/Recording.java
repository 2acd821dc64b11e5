package dev.tutti.bench.validate;

import dev.tutti.topology.probe.Profile;
import java.util.List;

/// A profile, and what operations took right after it was measured.
///
/// @param version of Tutti
/// @param date when
/// @param machine where
/// @param java on which JDK
/// @param profile what was probed
/// @param rows what was measured
public record Recording(
    String version,
    String date,
    String machine,
    String java,
    Profile profile,
    List<MeasuredRow> rows) {
  /// Copies.
  public Recording {
    rows = List.copyOf(rows);
  }
}
