package dev.tutti.transport.rendezvous;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A world could not be formed, or its control plane failed.
public final class RendezvousException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// What went wrong, for the caller to map onto its own exceptions.
  public enum Kind {
    /// A secret is wrong or missing, on either side.
    AUTHENTICATION,
    /// Something did not happen in time; [RendezvousException#ranks()] are those waited for.
    TIMEOUT,
    /// The peer does not speak the protocol, or another version of it.
    PROTOCOL,
    /// A connection, or the rank behind it ([RendezvousException#ranks()]), is gone.
    CONNECTION,
    /// The rendezvous does not want this rank: duplicate, out of range, or another world size.
    REFUSED
  }

  private final Kind kind;
  private final int[] ranks;

  /// Makes an exception that concerns no rank in particular.
  public RendezvousException(Kind kind, String message) {
    this(kind, List.of(), message, null);
  }

  /// Makes an exception that concerns no rank in particular.
  public RendezvousException(Kind kind, String message, @Nullable Throwable cause) {
    this(kind, List.of(), message, cause);
  }

  /// Makes an exception about `ranks`.
  public RendezvousException(
      Kind kind, List<Integer> ranks, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.ranks = ranks.stream().mapToInt(Integer::intValue).toArray();
  }

  /// Returns what went wrong.
  public Kind kind() {
    return kind;
  }

  /// Returns the ranks that are missing or dead, ascending; empty where none is to blame.
  public List<Integer> ranks() {
    return IntStream.of(ranks).boxed().toList();
  }

  /// Returns a copy with the stack of the calling thread: one failure may wake many callers.
  RendezvousException copyForCaller() {
    return new RendezvousException(kind, ranks(), String.valueOf(getMessage()), this);
  }
}
