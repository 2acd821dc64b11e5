package dev.tutti.bench.compare;

import dev.tutti.bench.launch.LaunchResult;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Runs a job that must end: after its time it is interrupted, which ends all its processes.
final class BoundedJob {
  /// A job that ends its processes when its thread is interrupted.
  @FunctionalInterface
  interface Job {
    /// Runs the job.
    LaunchResult run() throws IOException, InterruptedException;
  }

  private BoundedJob() {}

  /// How a job ended.
  ///
  /// @param exitCode its exit code, -1 if it could not be started
  /// @param timedOut whether it was interrupted
  /// @param problem why it could not be started, empty if it could
  record Outcome(int exitCode, boolean timedOut, String problem) {}

  /// Runs a job for at most `limit`.
  ///
  /// @throws InterruptedException if this thread is interrupted; the job is ended first
  static Outcome run(Job job, Duration limit) throws InterruptedException {
    AtomicReference<Outcome> outcome =
        new AtomicReference<>(new Outcome(-1, false, "the job's thread died"));
    Semaphore ended = new Semaphore(0);
    Thread runner =
        Thread.ofPlatform()
            .name("tutti-compare-job")
            .start(() -> {
              try {
                outcome.set(new Outcome(job.run().exitCode(), false, ""));
              } catch (IOException e) {
                outcome.set(new Outcome(-1, false, String.valueOf(e.getMessage())));
              } catch (InterruptedException e) {
                outcome.set(new Outcome(-1, true, ""));
              } finally {
                ended.release();
              }
            });
    try {
      if (!ended.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        runner.interrupt();
        ended.acquireUninterruptibly();
      }
    } catch (InterruptedException e) {
      runner.interrupt();
      ended.acquireUninterruptibly();
      throw e;
    }
    return outcome.get();
  }
}
