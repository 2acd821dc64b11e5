package dev.tutti.collectives;

import org.jspecify.annotations.Nullable;

/// A peer or the rendezvous does not know the job's secret, or a secret is required and missing.
public final class AuthenticationException extends TuttiException {
  private static final long serialVersionUID = 1L;

  /// Makes an exception.
  public AuthenticationException(
      String message, int rank, long operation, @Nullable Throwable cause) {
    super(message, rank, operation, cause);
  }

  @Override
  AuthenticationException again() {
    return new AuthenticationException(text(), rank(), operation(), this);
  }
}
