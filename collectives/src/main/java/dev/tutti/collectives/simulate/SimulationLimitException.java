package dev.tutti.collectives.simulate;

/// Thrown where a simulation would need more memory or time than is reasonable.
public final class SimulationLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SimulationLimitException(String message) {
    super(message);
  }
}
