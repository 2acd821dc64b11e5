package dev.tutti.bench.report;

import dev.tutti.bench.measure.BenchOptions;
import java.io.PrintStream;
import java.nio.file.Path;

/// A way to show the rows of a benchmark.
public enum ReportFormat {
  /// For people.
  TABLE,
  /// One JSON object per line.
  JSON,
  /// Comma-separated values.
  CSV;

  /// Returns the format that a file's name suggests: `.csv` CSV, `.txt` table, anything else JSON.
  public static ReportFormat of(Path file) {
    String name = file.toString();
    return name.endsWith(".csv") ? CSV : name.endsWith(".txt") ? TABLE : JSON;
  }

  /// Makes a report of this format.
  public BenchReport report(PrintStream out, Palette palette, BenchOptions options) {
    return switch (this) {
      case TABLE -> new TableReport(out, palette, options.placements());
      case JSON -> new JsonReport(out);
      case CSV -> new CsvReport(out);
    };
  }
}
