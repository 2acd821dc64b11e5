package dev.tutti.bench.measure;

import java.util.Locale;

/// What a rank is.
public enum RankMode {
  /// A process of its own.
  PROCESSES,
  /// A thread; all ranks live in one process.
  THREADS;

  /// Returns the name in reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
