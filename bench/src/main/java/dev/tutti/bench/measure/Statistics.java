package dev.tutti.bench.measure;

import java.util.Arrays;

/// Order statistics of the times of many operations, exact: the times are sorted and indexed.
///
/// @param count number of operations
/// @param p50 median: the middle one, or the mean of the two in the middle
/// @param p99 element `floor(0.99 count)` of the sorted times
/// @param min smallest time
public record Statistics(int count, double p50, double p99, double min) {

  /// Returns the statistics of some times; sorts the array.
  ///
  /// @throws IllegalArgumentException if there are none
  public static Statistics of(double[] times) {
    int count = times.length;
    if (count == 0) {
      throw new IllegalArgumentException("no times");
    }
    Arrays.sort(times);
    return new Statistics(
        count, middle(times), times[Math.min(count - 1, (int) (count * 0.99))], times[0]);
  }

  /// Returns the median of some values; sorts the array.
  public static double median(double[] values) {
    Arrays.sort(values);
    return middle(values);
  }

  private static double middle(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
