package dev.tutti.bench.compare;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// How long a cache line takes from one core to another, right now.
///
/// On a virtual machine the host moves the virtual cores about: on neighbouring physical cores a
/// line takes some 50 ns, on distant ones four times as long, for half a minute at a time. Whoever
/// is measured then looks slow. Measured by two threads that pass a number back and forth.
final class CoreLatency {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PING = 16; // elements: a cache line pair from the array's header
  private static final int PONG = 48;
  private static final int BATCHES = 20;
  private static final int ROUNDS = 1000;

  private CoreLatency() {}

  /// Returns nanoseconds one way, the best of several batches; 0 on a single core.
  ///
  /// @throws InterruptedException if this thread is interrupted
  static double nanos() throws InterruptedException {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      return 0;
    }
    long[] words = new long[PONG + PING];
    long last = (long) BATCHES * ROUNDS;
    Thread partner =
        Thread.ofPlatform().daemon().name("core-latency").start(() -> answer(words, last));
    long best = Long.MAX_VALUE;
    long ball = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      long start = System.nanoTime();
      for (int round = 0; round < ROUNDS; round++) {
        ball++;
        ELEMENT.setRelease(words, PING, ball);
        await(words, PONG, ball);
      }
      best = Math.min(best, System.nanoTime() - start);
    }
    partner.join();
    return best / (2.0 * ROUNDS);
  }

  private static void answer(long[] words, long last) {
    for (long ball = 1; ball <= last; ball++) {
      await(words, PING, ball);
      ELEMENT.setRelease(words, PONG, ball);
    }
  }

  private static void await(long[] words, int index, long ball) {
    while ((long) ELEMENT.getAcquire(words, index) != ball) {
      Thread.onSpinWait();
    }
  }
}
