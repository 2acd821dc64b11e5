package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Partition;
import java.util.Arrays;

/// Partitions whose weights have no common divisor, so that equal weights are all 1 and people can
/// read them.
final class LowestTerms {
  private LowestTerms() {}

  /// Returns the partition in these ratios.
  ///
  /// @param weights at least one of them positive
  static Partition partition(long... weights) {
    long divisor = 0;
    for (long weight : weights) {
      divisor = commonDivisor(divisor, weight);
    }
    long common = Math.max(1, divisor);
    return Partition.weighted(Arrays.stream(weights).map(weight -> weight / common).toArray());
  }

  private static long commonDivisor(long a, long b) {
    return b == 0 ? a : commonDivisor(b, a % b);
  }
}
