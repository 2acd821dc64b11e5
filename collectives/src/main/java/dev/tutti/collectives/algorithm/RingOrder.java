package dev.tutti.collectives.algorithm;

import java.util.Arrays;
import java.util.stream.IntStream;

/// The order of ranks in which a ring is fast: its slowest link is as fast as can be, and among
/// such orders the way around is short.
///
/// A ring takes as long as its slowest link needs, so this is the bottleneck travelling salesman.
/// Source: Held, Karp, "A dynamic programming approach to sequencing problems", 1962, exact up to
/// [#MOST_EXACT] ranks, first for the slowest link, then for the length over links that are not
/// slower; beyond, Croes's 2-opt and Or's moves from the order of the ranks, as long as they gain
/// anything. Beyond [#MOST_SEARCHED] ranks that order itself.
public final class RingOrder {
  /// Up to so many ranks the order is the best possible.
  public static final int MOST_EXACT = 12;

  /// Up to so many ranks a better order than that of the ranks is looked for.
  public static final int MOST_SEARCHED = 64;

  private final int ranks;
  private final double[][] rate;
  private final double[][] length;

  private RingOrder(double[][] rate, double[][] length) {
    this.ranks = rate.length;
    this.rate = rate;
    this.length = length;
  }

  /// Returns the order, beginning with rank 0.
  ///
  /// @param rate what goes from the rank of the row to that of the column, in any unit
  /// @param length what counts where rates are equal, for example the links on the way
  /// @throws IllegalArgumentException if the tables are not square and of one size
  public static int[] best(double[][] rate, double[][] length) {
    for (double[][] table : new double[][][] {rate, length}) {
      for (double[] row : table) {
        if (row.length != rate.length || table.length != rate.length) {
          throw new IllegalArgumentException("expected square tables of one size");
        }
      }
    }
    RingOrder search = new RingOrder(rate, length);
    if (rate.length < 3 || rate.length > MOST_SEARCHED) {
      return IntStream.range(0, rate.length).toArray();
    }
    return rate.length <= MOST_EXACT ? search.exact() : search.improved();
  }

  private int[] exact() {
    double slowest = -tour(false, 0).cost();
    return tour(true, slowest).order();
  }

  private record Tour(double cost, int[] order) {}

  /// Returns the best way around by Held and Karp.
  ///
  /// @param sums whether lengths add up; otherwise the slowest link counts, as a negative number
  /// @param leastRate links of a smaller rate are not used
  private Tour tour(boolean sums, double leastRate) {
    int others = ranks - 1; // rank 0 begins
    double[][] best = new double[1 << others][others];
    int[][] before = new int[1 << others][others];
    for (double[] row : best) {
      Arrays.fill(row, Double.POSITIVE_INFINITY);
    }
    for (int r = 0; r < others; r++) {
      best[1 << r][r] = cost(0, r + 1, sums, leastRate);
    }
    for (int set = 1; set < 1 << others; set++) {
      for (int last = 0; last < others; last++) {
        double known = best[set][last];
        if (known == Double.POSITIVE_INFINITY) {
          continue;
        }
        for (int next = 0; next < others; next++) {
          if ((set >> next & 1) == 0) {
            double cost = joined(known, cost(last + 1, next + 1, sums, leastRate), sums);
            int larger = set | 1 << next;
            if (cost < best[larger][next]) {
              best[larger][next] = cost;
              before[larger][next] = last;
            }
          }
        }
      }
    }
    int all = (1 << others) - 1;
    double least = Double.POSITIVE_INFINITY;
    int last = 0;
    for (int end = 0; end < others; end++) {
      double cost = joined(best[all][end], cost(end + 1, 0, sums, leastRate), sums);
      if (cost < least) {
        least = cost;
        last = end;
      }
    }
    int[] order = new int[ranks];
    int set = all;
    for (int i = ranks - 1; i > 0; i--) {
      order[i] = last + 1;
      int previous = before[set][last];
      set &= ~(1 << last);
      last = previous;
    }
    return new Tour(least, order);
  }

  private double cost(int from, int to, boolean sums, double leastRate) {
    if (rate[from][to] < leastRate) {
      return Double.POSITIVE_INFINITY;
    }
    return sums ? length[from][to] : -rate[from][to];
  }

  private static double joined(double a, double b, boolean sums) {
    return sums ? a + b : Math.max(a, b);
  }

  private int[] improved() {
    int[] order = IntStream.range(0, ranks).toArray();
    boolean gained = true;
    while (gained) {
      gained = false;
      for (int from = 1; from < ranks; from++) {
        for (int to = from + 1; to <= ranks; to++) {
          int[] turned = turned(order, from, to);
          int[] moved = moved(order, from, to);
          int[] better = isBetter(moved, turned) ? moved : turned;
          if (isBetter(better, order)) {
            order = better;
            gained = true;
          }
        }
      }
    }
    return order;
  }

  /// Returns the order with a part of it backwards.
  private static int[] turned(int[] order, int from, int to) {
    int[] result = order.clone();
    for (int i = from; i < to; i++) {
      result[i] = order[from + to - 1 - i];
    }
    return result;
  }

  /// Returns the order with its `from`-th rank behind the `to`-th.
  private static int[] moved(int[] order, int from, int to) {
    int[] result = order.clone();
    System.arraycopy(order, from + 1, result, from, to - 1 - from);
    result[to - 1] = order[from];
    return result;
  }

  private boolean isBetter(int[] a, int[] b) {
    double slowestOfA = slowest(a);
    double slowestOfB = slowest(b);
    return slowestOfA > slowestOfB
        || (slowestOfA == slowestOfB && length(a) < length(b) * (1 - 1e-12));
  }

  private double slowest(int[] order) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < ranks; i++) {
      least = Math.min(least, rate[order[i]][order[(i + 1) % ranks]]);
    }
    return least;
  }

  private double length(int[] order) {
    double sum = 0;
    for (int i = 0; i < ranks; i++) {
      sum += length[order[i]][order[(i + 1) % ranks]];
    }
    return sum;
  }
}
