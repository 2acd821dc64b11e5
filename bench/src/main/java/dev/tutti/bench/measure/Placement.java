package dev.tutti.bench.measure;

import java.util.Locale;

/// Where the result goes.
public enum Placement {
  /// To a receive buffer of its own.
  OUT_OF_PLACE,
  /// Over the data that was sent, as nccl-tests defines it: an all-gather sends its part of the
  /// receive buffer, a reduce-scatter receives into its part of the send buffer.
  IN_PLACE;

  /// Returns the name in reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
