package dev.tutti.collectives.algorithm;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Which part of the vector goes over which ring, where ports are unequally fast.
///
/// Ring h joins the h fastest of p ranks; each other rank is a *leaf* of it. Per byte that goes
/// over ring h, a member takes in and gives out `1 + (p - 2) / h` bytes and a leaf 1 byte, see
/// [NestedRingsAllReduce]. With rates b(1) >= ... >= b(p) and the vector as unit, no all-reduce
/// takes less than `T = max(1 / b(p), 2 (p - 1) / (b(1) + ... + b(p)))`: the slowest rank needs
/// everything once, and all ranks together take in 2 (p - 1) vectors.
///
/// That is reached, in closed form. In time T rank v can carry `e(v) = T b(v) - 1` beyond the one
/// byte that a leaf carries; e falls with v and is nowhere negative. Parts q(h) load it with `f(v)
/// = sum over h >= v of q(h) (p - 2) / h`, which falls with v too and adds up to p - 2 over all
/// ranks if the parts add up to 1. And every such staircase f comes from parts: `q(h) = (f(h) - f(h
/// + 1)) h / (p - 2)`. So T is enough if some staircase of sum p - 2 stays below e, and e itself
///   has at least that sum, because T is at least the second bound.
///
/// A ring for each stair: where few rings are wanted, the staircase gets few stairs, and T the
/// least value for which the largest such staircase below e is large enough. Example, rates 1, 1,
/// 1, 0.5: T = 2, e = 1, 1, 1, 0, and f = 2/3, 2/3, 2/3, 0: everything over ring 3.
///
/// @param order the ranks, the fastest first
/// @param parts part of ring h at index h - 1; they add up to 1
/// @param time vectors over rate: how long it takes by bandwidth alone, in seconds for a vector of
///   one byte and rates in bytes/s
public record NestedRings(int[] order, double[] parts, double time) {
  // A ring more is worth it if it saves at least this part of the time.
  private static final double WORTH_A_RING = 1e-3;
  private static final double PRECISION = 1e-12;

  /// Returns the parts for some ports.
  ///
  /// @param bytesPerSecond rate of each rank's port in each direction, in any unit
  /// @param most how many rings may carry something, at least 1; fewer are used where more gain
  ///   less than 0.1 %
  /// @throws IllegalArgumentException if there are fewer than 2 ranks, or a rate is not positive
  public static NestedRings of(double[] bytesPerSecond, int most) {
    int ranks = bytesPerSecond.length;
    if (ranks < 2 || most < 1) {
      throw new IllegalArgumentException(
          "nested rings need at least 2 ranks and 1 ring, got " + ranks + " and " + most);
    }
    for (int r = 0; r < ranks; r++) {
      if (!(bytesPerSecond[r] > 0 && bytesPerSecond[r] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "rate of rank " + r + " is " + bytesPerSecond[r] + ", expected a positive number");
      }
    }
    int[] order =
        IntStream.range(0, ranks)
            .boxed()
            .sorted(Comparator.comparingDouble(r -> -bytesPerSecond[r]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] rates = IntStream.of(order).mapToDouble(r -> bytesPerSecond[r]).toArray();
    boolean free = most >= Arrays.stream(rates).distinct().count(); // a stair for every rate
    double best = free ? bound(rates) : leastTime(rates, most);
    int stairs = 1;
    double time = leastTime(rates, stairs);
    while (stairs < most && time > best * (1 + WORTH_A_RING)) {
      time = leastTime(rates, ++stairs);
    }
    return new NestedRings(order, parts(stairs(rates, time, stairs)), time);
  }

  /// Returns the least time of any all-reduce of one byte over such ports: see above.
  public static double bound(double[] bytesPerSecond) {
    double slowest = Arrays.stream(bytesPerSecond).min().orElseThrow();
    double sum = Arrays.stream(bytesPerSecond).sum();
    return Math.max(1 / slowest, 2 * (bytesPerSecond.length - 1) / sum);
  }

  /// Returns the number of rings that carry something.
  public int rings() {
    return (int) Arrays.stream(parts).filter(part -> part > 0).count();
  }

  private static double leastTime(double[] rates, int stairs) {
    double low = bound(rates);
    int missing = rates.length - 2;
    if (sum(stairs(rates, low, stairs)) >= missing * (1 - PRECISION)) {
      return low;
    }
    // One ring of all ranks: e is at least 2 (p - 1) / p - 1 everywhere.
    double high = Math.max(low, 2.0 * (rates.length - 1) / rates.length / rates[rates.length - 1]);
    while (high - low > PRECISION * high) {
      double middle = (low + high) / 2;
      if (sum(stairs(rates, middle, stairs)) >= missing) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  private static double sum(double[] staircase) {
    return Arrays.stream(staircase).sum();
  }

  /// Returns the falling staircase of the largest sum below e that has at most so many stairs: each
  /// stair is as high as e at its last rank.
  private static double[] stairs(double[] rates, double time, int stairs) {
    int ranks = rates.length;
    double[][] most = new double[stairs + 1][ranks + 1]; // by stairs used and ranks covered
    int[][] before = new int[stairs + 1][ranks + 1];
    int bestEnd = 0;
    for (int k = 1; k <= stairs; k++) {
      for (int end = 1; end <= ranks; end++) {
        double height = Math.max(0, time * rates[end - 1] - 1);
        for (int start = 0; start < end; start++) {
          double sum = most[k - 1][start] + (end - start) * height;
          if (sum > most[k][end]) {
            most[k][end] = sum;
            before[k][end] = start;
          }
        }
        bestEnd = k == stairs && most[k][end] > most[k][bestEnd] ? end : bestEnd;
      }
    }
    double[] result = new double[ranks];
    for (int k = stairs, end = bestEnd; k > 0 && end > 0; k--) {
      Arrays.fill(result, before[k][end], end, Math.max(0, time * rates[end - 1] - 1));
      end = before[k][end];
    }
    return result;
  }

  /// Returns the parts that load the ranks with a staircase, lowered from its top so that its sum
  /// is right.
  private static double[] parts(double[] staircase) {
    int ranks = staircase.length;
    double[] parts = new double[ranks];
    if (ranks == 2) {
      parts[1] = 1;
      return parts;
    }
    double excess = sum(staircase) - (ranks - 2);
    double[] f = Arrays.copyOf(staircase, ranks + 1);
    for (int h = 1; h <= ranks && excess > 0; h++) {
      double lower = Math.min(excess, h * (f[h - 1] - f[h]));
      Arrays.fill(f, 0, h, f[h] + (f[h - 1] - f[h]) - lower / h);
      excess -= lower;
    }
    double sum = 0;
    for (int h = 1; h <= ranks; h++) {
      double part = (f[h - 1] - f[h]) * h / (ranks - 2);
      parts[h - 1] = part < 1e-9 ? 0 : part;
      sum += parts[h - 1];
    }
    for (int h = 0; h < ranks; h++) {
      parts[h] /= sum;
    }
    return parts;
  }
}
