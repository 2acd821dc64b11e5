package dev.tutti.bench.report;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.RowFormat;
import java.io.PrintStream;

/// Comma-separated values under a line of names.
public final class CsvReport implements BenchReport {
  private final PrintStream out;

  /// Makes a report.
  public CsvReport(PrintStream out) {
    this.out = out;
  }

  @Override
  public void begin(RunHeader header) {
    out.println(RowFormat.csvHeader());
  }

  @Override
  public void row(BenchRow row) {
    out.println(RowFormat.csv(row));
    out.flush();
  }

  @Override
  public void end() {}
}
