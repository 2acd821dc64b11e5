package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// An operation or a rendezvous did not finish before its deadline. After a timed-out collective
/// the communicator is no longer usable; a timed-out [Request#await] leaves it as it was.
public final class TimeoutException extends TuttiException {
  private static final long serialVersionUID = 1L;

  /// Makes an exception.
  public TimeoutException(String message, int rank, long operation, @Nullable Throwable cause) {
    super(message, rank, operation, cause);
  }

  @Override
  TimeoutException again() {
    return new TimeoutException(text(), rank(), operation(), this);
  }
}
