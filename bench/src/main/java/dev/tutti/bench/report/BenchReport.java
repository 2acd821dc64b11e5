package dev.tutti.bench.report;

import dev.tutti.bench.measure.BenchRow;

/// Shows the rows of a benchmark as they come.
public interface BenchReport {
  /// The ranks have started.
  void begin(RunHeader header);

  /// A measurement is complete.
  void row(BenchRow row);

  /// There are no more rows.
  void end();
}
