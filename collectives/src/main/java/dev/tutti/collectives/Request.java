package dev.tutti.collectives;

import java.time.Duration;

/// Handle of an operation that was started asynchronously.
///
/// Operations of one communicator execute in the order in which they were started. Buffers belong
/// to the operation until it has completed. All methods may be called from any thread.
public interface Request {
  /// Returns whether the operation has ended, well or badly.
  boolean isDone();

  /// Waits for the end of the operation.
  ///
  /// @throws TuttiException if the operation failed
  void await();

  /// Waits for the end of the operation, at most for `timeout`.
  ///
  /// @throws TimeoutException if it has not ended by then; the operation goes on and `await` may be
  ///   called again
  /// @throws TuttiException if the operation failed
  void await(Duration timeout);
}
