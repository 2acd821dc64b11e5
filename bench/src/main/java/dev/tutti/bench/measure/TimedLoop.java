package dev.tutti.bench.measure;

/// Times operations back to back: every rank stamps every operation, and an operation's time is
/// that of its slowest rank.
///
/// The number of operations is chosen so that they take about the asked time together, at least 4
/// and at most [BenchOptions#MAX_ITERATIONS], from the best of a few single operations behind a
/// barrier. One stamp costs some 25 ns, which are part of every operation's time.
final class TimedLoop {
  private static final int MIN_ITERATIONS = 4;
  private static final int PROBES = 3;
  private static final double SETTLE_NANOS = 50e6;
  private static final double SHORT_NANOS = 20e6;
  private static final int MAX_SETTLE = 20_000;

  private final BenchOptions options;
  private final Control control;
  private final double settleNanos;
  private final long[] stamps;

  /// Makes the loop of one rank.
  ///
  /// @param ranksPerCore how many ranks share a core, at least 1
  TimedLoop(BenchOptions options, Control control, int ranksPerCore) {
    this.options = options;
    this.control = control;
    this.settleNanos = SETTLE_NANOS * ranksPerCore;
    this.stamps = new long[options.maxIterations()];
  }

  /// What one loop showed, in nanoseconds.
  ///
  /// @param times statistics over operations
  /// @param average loop time of the slowest rank / operations
  record Result(Statistics times, double average) {}

  /// Measures an operation. Collective.
  Result run(Runnable operation) {
    double estimate = estimate(operation);
    int iterations = iterations(estimate);
    settle(operation, estimate, iterations);
    control.barrier();
    double average = (double) loop(operation, stamps, iterations) / iterations;
    return new Result(Statistics.of(control.max(stamps, iterations)), control.max(average));
  }

  private double estimate(Runnable operation) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < PROBES; i++) {
      control.barrier();
      long start = System.nanoTime();
      operation.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return control.max(best);
  }

  private int iterations(double estimateNanos) {
    if (options.iterations() > 0) {
      return options.iterations();
    }
    double wanted = options.targetSeconds() * 1e9 / (estimateNanos + 50);
    return (int) Math.clamp(wanted, MIN_ITERATIONS, BenchOptions.MAX_ITERATIONS);
  }

  /// Lets caches, predictors and the compiler get used to this size.
  private void settle(Runnable operation, double estimateNanos, int iterations) {
    int count = options.warmupIterations();
    if (estimateNanos < SHORT_NANOS) {
      double forTime = Math.min(settleNanos, options.targetSeconds() * 1e9) / (estimateNanos + 50);
      count += Math.max(iterations / 10 + 1, (int) Math.min(forTime, MAX_SETTLE));
    }
    for (int i = 0; i < count; i++) {
      operation.run();
    }
  }

  /// Returns the duration of the loop; leaves those of the operations in `stamps`. Allocates
  /// nothing.
  private static long loop(Runnable operation, long[] stamps, int iterations) {
    long begin = System.nanoTime();
    long previous = begin;
    for (int i = 0; i < iterations; i++) {
      operation.run();
      long now = System.nanoTime();
      stamps[i] = now - previous;
      previous = now;
    }
    return previous - begin;
  }
}
