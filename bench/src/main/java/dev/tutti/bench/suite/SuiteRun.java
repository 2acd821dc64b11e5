package dev.tutti.bench.suite;

import dev.tutti.bench.measure.BenchRow;
import java.util.List;

/// Measurements that were taken together, and what a figure must carry to mean anything.
///
/// @param name what people call it: the name of its file, or `this run`
/// @param version version of the program; this and what follows is empty where nobody knows
/// @param command the command line
/// @param date when it was run
/// @param machine where it was run
/// @param java which JDK ran it
/// @param launches how many times everything was measured
/// @param failures what could not be measured, and why
/// @param rows one per measurement: of several launches the medians
public record SuiteRun(
    String name,
    String version,
    String command,
    String date,
    String machine,
    String java,
    int launches,
    List<String> failures,
    List<BenchRow> rows) {
  /// Copies.
  public SuiteRun {
    failures = List.copyOf(failures);
    rows = List.copyOf(rows);
  }
}
