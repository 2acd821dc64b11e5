package dev.tutti.transport;

/// Says that a peer cannot be reached, or that a connection broke for good.
public final class NetworkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int peer;

  /// Makes the exception.
  ///
  /// @param peer the member of the communicator that cannot be reached
  public NetworkException(int peer, String message) {
    super(message);
    this.peer = peer;
  }

  /// Returns the member of the communicator that cannot be reached.
  public int peer() {
    return peer;
  }
}
