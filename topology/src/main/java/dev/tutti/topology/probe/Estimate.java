package dev.tutti.topology.probe;

import java.util.Arrays;
import java.util.List;

/// A median with its confidence interval.
///
/// @param median the median of the samples
/// @param low lower end of its 95 % confidence interval
/// @param high upper end of the same
/// @param samples how many there were
public record Estimate(double median, double low, double high, int samples) {
  // Of the normal distribution, for 95 %.
  private static final double Z = 1.96;

  /// Estimates from samples. The interval lies between two of them, by their ranks (Le Boudec,
  /// Performance Evaluation of Computer and Communication Systems, 2010, section 2.2), so nothing
  /// is assumed about how they are distributed; of fewer than six it spans all.
  ///
  /// @throws IllegalArgumentException if there are none
  public static Estimate of(double[] samples) {
    if (samples.length == 0) {
      throw new IllegalArgumentException("there are no samples");
    }
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    int low = (int) Math.max(0, Math.floor((n - Z * Math.sqrt(n)) / 2) - 1);
    int high = (int) Math.min(n - 1L, Math.ceil(1 + (n + Z * Math.sqrt(n)) / 2) - 1);
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    return n < 6
        ? new Estimate(median, sorted[0], sorted[n - 1], n)
        : new Estimate(median, sorted[low], sorted[high], n);
  }

  /// Estimates from samples.
  ///
  /// @throws IllegalArgumentException if there are none
  public static Estimate of(List<Double> samples) {
    return of(samples.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /// Returns half the width of the interval as a part of the median; 0 for a median of 0.
  public double relativeError() {
    return median == 0 ? 0 : (high - low) / 2 / median;
  }
}
