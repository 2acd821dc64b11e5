package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// Ranks called different collectives, or the same one with different counts, types, operators or
/// roots. Thrown on every rank; the message says which rank passed what. The communicator is no
/// longer usable.
public final class MismatchException extends TuttiException {
  private static final long serialVersionUID = 1L;

  /// Makes an exception.
  public MismatchException(String message, int rank, long operation, @Nullable Throwable cause) {
    super(message, rank, operation, cause);
  }

  @Override
  MismatchException again() {
    return new MismatchException(text(), rank(), operation(), this);
  }
}
