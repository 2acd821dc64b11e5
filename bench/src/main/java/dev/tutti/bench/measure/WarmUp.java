package dev.tutti.bench.measure;

import java.util.HashSet;
import java.util.Set;

/// Runs operations until the JIT compiler has done its work.
///
/// The first path that a process measures runs for at least a second and 20,000 operations, every
/// further one (another algorithm, form, type, operator, memory or placement: other code, or other
/// branches of the same code) for at least 0.3 s and 10,000 operations, of which long operations
/// may fall short when twice the time is over. C2 compiles a method after some 10^4 calls or loop
/// rounds, in its own thread, within some 100 ms. Ranks that share a core get as many times longer.
final class WarmUp {
  private static final double FIRST_NANOS = 1e9;
  private static final double FURTHER_NANOS = 0.3e9;
  private static final long FIRST_OPERATIONS = 20_000;
  private static final long FURTHER_OPERATIONS = 10_000;
  private static final double BATCH_NANOS = 10e6;

  private final Control control;
  private final double share;
  private final int turns;
  private final Set<Object> warm = new HashSet<>();

  /// Makes the warm-up of one rank.
  ///
  /// @param targetSeconds how long the timed operations of one measurement take together
  /// @param ranksPerCore how many ranks share a core, at least 1
  WarmUp(Control control, double targetSeconds, int ranksPerCore) {
    this.control = control;
    this.share = Math.min(1, targetSeconds / BenchOptions.TARGET_SECONDS);
    this.turns = ranksPerCore;
  }

  /// Warms a path up unless it has been before. Collective: all ranks run equally many operations.
  void run(Runnable operation, Object path) {
    boolean first = warm.isEmpty();
    if (!warm.add(path)) {
      return;
    }
    double wanted = turns * share * (first ? FIRST_NANOS : FURTHER_NANOS);
    double operations = share * (first ? FIRST_OPERATIONS : FURTHER_OPERATIONS);
    double spent = 0;
    long done = 0;
    int batch = 1;
    while (spent < wanted || (done < operations && spent < 2 * wanted)) {
      double nanos = control.max(time(operation, batch));
      spent += nanos;
      done += batch;
      batch = (int) Math.clamp(batch * BATCH_NANOS / (nanos + 1), 1, 4096);
    }
  }

  private static double time(Runnable operation, int count) {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      operation.run();
    }
    return System.nanoTime() - start;
  }
}
