package dev.tutti.bench.measure;

/// Rows for tests.
public final class Rows {
  private Rows() {}

  /// Returns a row of an all-reduce by two ranks with a median time of `micros`.
  public static BenchRow row(long bytes, Placement placement, double micros) {
    return row(bytes, placement, BufferKind.FOREIGN, micros, 0);
  }

  /// Returns a row of an all-reduce by two ranks.
  public static BenchRow row(
      long bytes, Placement placement, BufferKind kind, double micros, long wrong) {
    return new BenchRow(
        "all-reduce",
        2,
        RankMode.PROCESSES,
        bytes,
        bytes / 4,
        "float32",
        "sum",
        -1,
        placement,
        kind,
        CallStyle.BLOCKING,
        "ring",
        "interpreted",
        "shm",
        micros,
        2 * micros,
        micros / 2,
        1.5 * micros,
        micros / 4,
        wrong,
        100,
        1,
        "");
  }
}
