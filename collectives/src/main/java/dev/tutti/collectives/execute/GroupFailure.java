package dev.tutti.collectives.execute;

import dev.tutti.collectives.AbortedException;
import dev.tutti.collectives.MismatchException;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.collectives.TuttiException;
import java.util.List;

/// Why the members of a communicator cannot go on.
///
/// @param kind what happened
/// @param members the members it happened to, in the communicator's numbering; may be none
/// @param message for a person
public record GroupFailure(Kind kind, List<Integer> members, String message) {
  /// What happened. Ranks tell each other the number: new kinds go to the end.
  public enum Kind {
    /// Members died or became unreachable.
    RANK_FAILED,
    /// Members called different things.
    MISMATCH,
    /// A member gave up or asked the others to.
    ABORTED
  }

  /// Makes an unmodifiable copy of the list.
  public GroupFailure {
    members = List.copyOf(members);
  }

  /// Describes what made a member throw.
  public static GroupFailure of(TuttiException cause) {
    String message = String.valueOf(cause.getMessage());
    return switch (cause) {
      case RankFailedException failed ->
          new GroupFailure(Kind.RANK_FAILED, failed.failedRanks(), message);
      case MismatchException _ -> new GroupFailure(Kind.MISMATCH, List.of(), message);
      default -> new GroupFailure(Kind.ABORTED, List.of(), message);
    };
  }

  /// Makes the exception for a member that waits.
  public TuttiException toException(int index, long operation) {
    return switch (kind) {
      case RANK_FAILED -> new RankFailedException(members, message, index, operation, null);
      case MISMATCH -> new MismatchException(message, index, operation, null);
      case ABORTED -> new AbortedException(message, index, operation, null);
    };
  }
}
