package dev.tutti.transport;

/// Why ranks can no longer communicate.
///
/// @param kind what happened
/// @param rank the rank it happened to or that caused it, -1 if none in particular
/// @param message for a person
public record Failure(Kind kind, int rank, String message) {
  /// What happened.
  public enum Kind {
    /// A rank died or became unreachable.
    RANK_FAILED,
    /// A rank asked everyone to stop.
    ABORTED,
    /// The domain was closed by this rank.
    CLOSED
  }
}
