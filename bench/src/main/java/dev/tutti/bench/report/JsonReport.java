package dev.tutti.bench.report;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.RowFormat;
import java.io.PrintStream;

/// One line of JSON per row.
public final class JsonReport implements BenchReport {
  private final PrintStream out;

  /// Makes a report.
  public JsonReport(PrintStream out) {
    this.out = out;
  }

  @Override
  public void begin(RunHeader header) {}

  @Override
  public void row(BenchRow row) {
    out.println(RowFormat.json(row));
    out.flush();
  }

  @Override
  public void end() {}
}
