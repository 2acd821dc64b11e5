package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// The communicator was aborted by a rank, or closed while an operation was running.
public final class AbortedException extends TuttiException {
  private static final long serialVersionUID = 1L;

  /// Makes an exception.
  public AbortedException(String message, int rank, long operation, @Nullable Throwable cause) {
    super(message, rank, operation, cause);
  }

  @Override
  AbortedException again() {
    return new AbortedException(text(), rank(), operation(), this);
  }
}
