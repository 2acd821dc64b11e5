package dev.tutti.collectives;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Runs the asynchronous operations of one communicator, in the order in which they were started.
///
/// A bounded ring of operations: user threads put under the monitor, the one progress thread takes.
/// It spins briefly for the next operation, then parks; nothing here allocates once it runs.
final class ProgressThread {
  private static final int CAPACITY = 1024; // a power of two
  private static final int SPINS = 2_000;
  private static final long PARK_NANOS = 50_000_000;
  private static final long WAIT_PARK_NANOS = 20_000;

  private final @Nullable QueuedOperation[] ring = new QueuedOperation[CAPACITY];
  private final Thread thread;
  private volatile long put; // written under the monitor
  private volatile long taken; // written by the progress thread
  private volatile boolean parked;
  private volatile boolean stopping;

  ProgressThread(String name) {
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::work);
    thread.start();
  }

  /// Returns whether no operation is queued or running.
  boolean isIdle() {
    return taken == put;
  }

  /// Queues an operation; waits while the ring is full.
  synchronized void submit(QueuedOperation operation) {
    while (put - taken == CAPACITY) {
      Thread.yield();
    }
    ring[(int) (put & (CAPACITY - 1))] = operation;
    put = put + 1;
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  /// Stops after the queued operations.
  @SuppressWarnings("ReferenceEquality") // threads are compared by identity
  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    if (Thread.currentThread() != thread) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void work() {
    int idle = 0;
    while (true) {
      long next = taken;
      if (next < put) {
        int slot = (int) (next & (CAPACITY - 1));
        QueuedOperation operation = ring[slot];
        if (operation == null) {
          throw new AssertionError("empty slot " + slot);
        }
        operation.executeQueued();
        ring[slot] = null;
        taken = next + 1;
        idle = 0;
      } else if (stopping) {
        return;
      } else if (idle++ < SPINS) {
        Thread.onSpinWait();
      } else {
        park();
      }
    }
  }

  private void park() {
    parked = true;
    if (taken == put && !stopping) { // volatile order: a put after this look sees `parked`
      LockSupport.parkNanos(this, PARK_NANOS);
    }
    parked = false;
  }

  /// Waits until an operation has ended.
  ///
  /// @param timeoutNanos longest wait, 0 for ever
  /// @throws TimeoutException if it has not ended by then
  static void awaitEnd(QueuedOperation operation, long timeoutNanos, int rank) {
    for (int i = 0; i < SPINS; i++) {
      if (operation.isDone()) {
        return;
      }
      Thread.onSpinWait();
    }
    long start = System.nanoTime();
    while (!operation.isDone()) {
      long waited = System.nanoTime() - start;
      if (timeoutNanos > 0 && waited > timeoutNanos) {
        throw TimeoutException.harmless(
            "the operation has not ended within "
                + timeoutNanos / 1_000_000
                + " ms; it goes on, and await may be called again",
            rank,
            null);
      }
      if (waited < 1_000_000) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(WAIT_PARK_NANOS);
      }
    }
  }
}
