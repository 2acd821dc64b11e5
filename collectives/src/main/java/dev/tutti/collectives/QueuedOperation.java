package dev.tutti.collectives;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Something that runs in the order of the calls on one communicator, on the calling thread or on
/// the communicator's own.
///
/// States: idle → queued → idle. The [Request] methods may be called from any thread.
abstract sealed class QueuedOperation implements Request
    permits CollectiveOperation, MessageGroup.Exchange {
  private final CommunicatorCore core;
  private final OperationQueue queue;
  private volatile boolean running; // set by start, cleared by the progress thread
  private volatile @Nullable TuttiException error;

  QueuedOperation(CommunicatorCore core, OperationQueue queue) {
    this.core = core;
    this.queue = queue;
  }

  /// Does the work on the calling thread.
  abstract void execute();

  /// Starts it on the progress thread.
  Request enqueue() {
    if (running) {
      throw new IllegalStateException("the previous start of this operation has not completed");
    }
    core.checkUsable();
    error = null;
    running = true;
    queue.submit(this);
    return this;
  }

  /// Does the work on the progress thread.
  void executeQueued() {
    try {
      execute();
    } catch (TuttiException e) {
      error = e;
    } catch (RuntimeException | Error e) {
      error = new TuttiException("internal error: " + e, core.index, -1, e);
    } finally {
      running = false;
    }
  }

  @Override
  public boolean isDone() {
    return !running;
  }

  @Override
  public void await() {
    awaitEnd(0);
  }

  @Override
  public void await(Duration timeout) {
    awaitEnd(Math.max(1, timeout.toNanos()));
  }

  private void awaitEnd(long timeoutNanos) {
    ProgressThread.awaitEnd(this, timeoutNanos, core.index);
    TuttiException failed = error;
    if (failed != null) {
      throw failed;
    }
  }
}
