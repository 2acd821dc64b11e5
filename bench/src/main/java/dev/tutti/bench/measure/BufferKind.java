package dev.tutti.bench.measure;

import java.util.Locale;

/// The memory that the measured buffers lie in.
public enum BufferKind {
  /// Ordinary memory of the process, which the library has never seen before a call.
  FOREIGN,
  /// Ordinary memory on huge pages (`madvise`).
  HUGE_PAGES,
  /// Memory from `Communicator.allocate`.
  REGISTERED;

  /// Returns the name in reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
