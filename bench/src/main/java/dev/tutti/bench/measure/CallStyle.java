package dev.tutti.bench.measure;

import java.util.Locale;

/// How an operation is called.
public enum CallStyle {
  /// The plain blocking method of `Communicator`.
  BLOCKING,
  /// `run()` of an operation that was prepared once.
  PREPARED;

  /// Returns the name in reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
