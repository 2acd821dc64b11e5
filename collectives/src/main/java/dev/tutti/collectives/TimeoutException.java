package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// An operation or a rendezvous did not finish before its deadline. After a timed-out collective
/// the communicator is no longer usable; a timed-out [Request#await] leaves it as it was.
public final class TimeoutException extends TuttiException {
  private static final long serialVersionUID = 1L;

  private final boolean usable;

  /// Makes an exception after which the communicator is no longer usable.
  public TimeoutException(String message, int rank, long operation, @Nullable Throwable cause) {
    this(message, rank, operation, cause, false);
  }

  private TimeoutException(
      String message, int rank, long operation, @Nullable Throwable cause, boolean usable) {
    super(message, rank, operation, cause);
    this.usable = usable;
  }

  /// Makes an exception after which the communicator goes on.
  public static TimeoutException harmless(String message, int rank, @Nullable Throwable cause) {
    return new TimeoutException(message, rank, -1, cause, true);
  }

  @Override
  public boolean isCommunicatorUsable() {
    return usable;
  }

  @Override
  TimeoutException again() {
    return new TimeoutException(text(), rank(), operation(), this, usable);
  }
}
