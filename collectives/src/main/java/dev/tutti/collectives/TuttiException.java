package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// Root of everything that a communicator throws, apart from `IllegalArgumentException` and
/// `NullPointerException` for arguments that are wrong on their face.
///
/// A failed collective poisons its communicator: later calls fail at once with the first cause.
public sealed class TuttiException extends RuntimeException
    permits RankFailedException,
        MismatchException,
        TimeoutException,
        AuthenticationException,
        AbortedException {
  private static final long serialVersionUID = 1L;

  /// Marks an unknown rank or operation.
  public static final long UNKNOWN = -1;

  private final int rank;
  private final long operation;

  /// Makes an exception.
  ///
  /// @param message what happened, where, and what to do
  /// @param rank the rank that throws, -1 if it has none yet
  /// @param operation sequence number of the operation on its communicator, -1 if none was running
  /// @param cause the underlying failure, if any
  public TuttiException(String message, int rank, long operation, @Nullable Throwable cause) {
    super(message, cause);
    this.rank = rank;
    this.operation = operation;
  }

  /// Returns the rank that threw this, -1 if it had none yet.
  public final int rank() {
    return rank;
  }

  /// Returns the sequence number of the failed operation on its communicator, -1 if none was
  /// running.
  public final long operation() {
    return operation;
  }

  /// Returns the rank that this is about, -1 if none in particular.
  public int peer() {
    return -1;
  }

  /// Returns whether the communicator goes on as if nothing had happened; if not,
  /// [Communicator#shrink] makes another.
  public boolean isCommunicatorUsable() {
    return false;
  }

  /// Returns a new exception of the same kind whose cause is this one; thrown by calls that are
  /// made on a communicator after it has failed.
  TuttiException again() {
    return new TuttiException(text(), rank, operation, this);
  }

  /// Returns the message, never null.
  final String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
