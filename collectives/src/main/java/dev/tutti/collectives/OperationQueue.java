package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// Runs the operations of one communicator in the order of the calls: on the calling thread, or on
/// a thread of the communicator while operations are queued there. Takes none once it is closed.
///
/// One thread at a time may run and queue operations; any may close.
final class OperationQueue {
  private final int rank;
  private @Nullable ProgressThread progress; // made at the first asynchronous operation
  private volatile boolean closed;

  /// Makes the queue of a rank.
  OperationQueue(int rank) {
    this.rank = rank;
  }

  /// Runs the operation of a blocking call.
  void run(QueuedOperation operation) {
    if (operation.isDone()) {
      runInOrder(operation);
    } else {
      throw new IllegalStateException("the operation has been started and has not completed");
    }
  }

  /// Runs an operation after those that are queued.
  void runInOrder(QueuedOperation operation) {
    if (closed) {
      checkOpen();
    }
    ProgressThread thread = progress;
    if (thread == null || thread.isIdle()) {
      operation.execute();
    } else {
      operation.enqueue().await();
    }
  }

  /// Queues an operation on the progress thread.
  void submit(QueuedOperation operation) {
    checkOpen();
    ProgressThread thread = progress;
    if (thread == null) {
      thread = new ProgressThread("tutti-progress-" + rank);
      progress = thread;
    }
    thread.submit(operation);
  }

  /// Waits until no operation is queued or runs.
  void awaitIdle() {
    ProgressThread thread = progress;
    while (thread != null && !thread.isIdle()) {
      Thread.yield();
    }
  }

  /// Returns whether the communicator is closed.
  boolean isClosed() {
    return closed;
  }

  /// Throws if the communicator is closed.
  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the communicator is closed");
    }
  }

  /// Takes no more operations and waits for those that are queued; returns false if another call
  /// has done so, or is about to.
  boolean close() {
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
    }
    ProgressThread thread = progress;
    if (thread != null) {
      thread.stop();
    }
    return true;
  }
}
