package dev.tutti.bench.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The threads that pass the output of ranks on.
final class OutputPumps {
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(1);

  private final List<Thread> threads = new ArrayList<>();

  /// Passes both streams of `process` to `sink`.
  void start(int rank, Process process, LineSink sink) {
    start(new OutputPump(rank, LineSink.Source.STDOUT, process.getInputStream(), sink));
    start(new OutputPump(rank, LineSink.Source.STDERR, process.getErrorStream(), sink));
  }

  private void start(OutputPump pump) {
    threads.add(Thread.ofPlatform().daemon().name("tutti-output").start(pump));
  }

  /// Waits until all streams have ended; not long: a process that escaped may hold one open.
  void drain() {
    long deadline = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
    boolean interrupted = false;
    for (Thread pump : threads) {
      try {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        pump.join(Math.max(1, millis));
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
