package dev.tutti.bench.suite;

import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.StartedEvent;
import dev.tutti.bench.report.BenchReport;
import dev.tutti.bench.report.RunHeader;
import dev.tutti.bench.session.BenchSession;
import dev.tutti.bench.session.ExitCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/// A set of measurements, one collective and transport after the other. What fails is noted, and
/// the others are measured all the same.
public final class Suite {
  private final List<BenchOptions> parts;
  private final int launches;
  private final BiFunction<BenchOptions, StartedEvent, RunHeader> header;
  private final List<BenchRow> rows = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int exitCode = ExitCodes.OK;

  /// Describes a suite.
  ///
  /// @param parts what to measure
  /// @param launches how many times each, in new processes each time
  /// @param header makes the header of a part once its ranks have started
  public Suite(
      List<BenchOptions> parts,
      int launches,
      BiFunction<BenchOptions, StartedEvent, RunHeader> header) {
    this.parts = List.copyOf(parts);
    this.launches = launches;
    this.header = header;
  }

  /// Measures everything.
  ///
  /// @param show makes what shows the rows of one part as they come
  /// @throws IOException if the workers cannot be started
  public void run(Function<BenchOptions, BenchReport> show)
      throws IOException, InterruptedException {
    for (BenchOptions part : parts) {
      BenchSession session =
          new BenchSession(
              part,
              launches,
              started -> header.apply(part, started),
              List.of(),
              List.of(show.apply(part), new Collector()));
      int code = session.run();
      if (code != ExitCodes.OK) {
        failures.add(part.collective().label() + " over " + part.transport() + ": " + what(code));
        exitCode = exitCode == ExitCodes.OK ? code : exitCode;
      }
    }
  }

  private static String what(int code) {
    return code == ExitCodes.WRONG_RESULTS
        ? "an element of a result was wrong"
        : "the ranks failed (exit code " + code + ")";
  }

  /// Returns all rows so far.
  public List<BenchRow> rows() {
    return List.copyOf(rows);
  }

  /// Returns what could not be measured, and why.
  public List<String> failures() {
    return List.copyOf(failures);
  }

  /// Returns the exit code of the first part that failed, or that of success.
  public int exitCode() {
    return exitCode;
  }

  private final class Collector implements BenchReport {
    @Override
    public void begin(RunHeader header) {}

    @Override
    public void row(BenchRow row) {
      rows.add(row);
    }

    @Override
    public void end() {}
  }
}
