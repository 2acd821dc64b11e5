package dev.tutti.transport;

/// Says that a peer runs another operation than this rank.
public final class SignatureMismatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int peer;
  private final long operation;
  private final long signature;

  /// Makes the exception.
  ///
  /// @param peer the member of the communicator
  /// @param operation the number of its operation
  /// @param signature what it runs under that number
  public SignatureMismatchException(int peer, long operation, long signature) {
    super("peer " + peer + " runs another operation " + operation);
    this.peer = peer;
    this.operation = operation;
    this.signature = signature;
  }

  /// Returns the member that runs something else.
  public int peer() {
    return peer;
  }

  /// Returns the number of its operation.
  public long operation() {
    return operation;
  }

  /// Returns what it runs under that number.
  public long signature() {
    return signature;
  }
}
