package dev.tutti.bindings;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/// Counts what calls allocate.
public final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 10_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private Allocation() {}

  /// Returns what many calls allocate on this thread once they are warm.
  ///
  /// When the compiler gets to a method is not ours to say, so the calls are repeated until they
  /// allocate nothing or 20 s are over. Code that makes garbage never gets there.
  public static long bytes(Runnable call) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long allocated;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated > 0 && System.nanoTime() < deadline);
    return allocated;
  }
}
