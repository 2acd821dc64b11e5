package dev.tutti.bench.session;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Combines the rows of several launches: medians of times, sums of errors.
final class LaunchMedians {
  /// The launch number of a combined row.
  static final int COMBINED = 0;

  private final Map<BenchRow.Key, List<BenchRow>> rows = new LinkedHashMap<>();

  void add(BenchRow row) {
    rows.computeIfAbsent(row.key(), _ -> new ArrayList<>()).add(row);
  }

  /// Returns one row per measurement, in the order of the first launch.
  List<BenchRow> combined() {
    return rows.values().stream().map(LaunchMedians::combine).toList();
  }

  private static BenchRow combine(List<BenchRow> launches) {
    BenchRow last = launches.getLast();
    long wrong = last.wrong();
    if (wrong >= 0) {
      wrong = launches.stream().mapToLong(row -> Math.max(0, row.wrong())).sum();
    }
    return new BenchRow(
        last.collective(),
        last.ranks(),
        last.mode(),
        last.bytes(),
        last.count(),
        last.type(),
        last.op(),
        last.root(),
        last.placement(),
        last.kind(),
        last.style(),
        last.algorithm(),
        last.form(),
        last.transport(),
        median(launches, BenchRow::p50Micros),
        median(launches, BenchRow::p99Micros),
        median(launches, BenchRow::minMicros),
        median(launches, BenchRow::averageMicros),
        median(launches, BenchRow::limitMicros),
        wrong,
        last.iterations(),
        COMBINED,
        last.late());
  }

  private static double median(List<BenchRow> rows, ToDoubleFunction<BenchRow> value) {
    return Statistics.median(rows.stream().mapToDouble(value).toArray());
  }
}
