package dev.tutti.collectives.kernel;

/// Thrown where a user's combiner has thrown; the cause is what it threw.
public final class CombinerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CombinerException(String reduction, Throwable cause) {
    super("reduction " + reduction + " threw " + cause, cause);
  }
}
