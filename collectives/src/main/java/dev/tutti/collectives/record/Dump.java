package dev.tutti.collectives.record;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one rank's recorder holds at one moment.
///
/// All times but those named wall are of [System#nanoTime], which all processes of one host share;
/// `wallNanos` and `nanos` are the same moment in both.
///
/// @param identity who recorded
/// @param wallNanos when it was read, since 1970
/// @param nanos when it was read
/// @param startNanos when the recorder began
/// @param entered collectives and messages begun
/// @param counters all of them
/// @param failure why the communicator failed, null if it has not
/// @param waiting what the rank waited for when last it waited for long, null if it never did
/// @param absent ranks that have not entered the operation that this rank is in; null if nobody
///   could look, as from outside
/// @param peers figures by rank of the communicator
/// @param operations the last ones, oldest first
public record Dump(
    Identity identity,
    long wallNanos,
    long nanos,
    long startNanos,
    long entered,
    Map<Counter, Long> counters,
    @Nullable Failure failure,
    @Nullable Wait waiting,
    @Nullable List<Integer> absent,
    List<Peer> peers,
    List<Operation> operations) {

  /// How long ago a wait may have been seen and still count as going on; a parked rank looks at it
  /// every millisecond.
  private static final long STILL_NANOS = 500_000_000;

  /// Makes a dump.
  public Dump {
    Map<Counter, Long> copy = new EnumMap<>(Counter.class);
    copy.putAll(counters);
    counters = copy;
    absent = absent == null ? null : List.copyOf(absent);
    peers = List.copyOf(peers);
    operations = List.copyOf(operations);
  }

  /// Why a communicator failed.
  ///
  /// @param operation number of the collective, -1 if none was running
  /// @param kind the exception
  /// @param message its message
  public record Failure(long operation, String kind, String message, long wallNanos, long nanos) {}

  /// A wait that outlasted spinning.
  ///
  /// @param peer the rank whose progress is awaited, -1 if unknown
  /// @param operation how many operations had been entered before the one that waits
  /// @param sinceNanos when it began
  /// @param seenNanos when the rank was last known to wait
  public record Wait(int peer, long operation, long sinceNanos, long seenNanos) {}

  /// Figures of one rank seen from another.
  ///
  /// @param worldRank its rank in the world
  /// @param waits long waits for it
  /// @param waitedNanos time in them
  /// @param transfers large transfers from or to it that were timed
  /// @param transferBytes their bytes
  /// @param transferNanos their time
  /// @param bestBytesPerSecond the fastest of them
  public record Peer(
      int worldRank,
      long waits,
      long waitedNanos,
      long transfers,
      long transferBytes,
      long transferNanos,
      long bestBytesPerSecond) {}

  /// An operation.
  ///
  /// @param number sequence number of the collective; for a message, of the collective after it
  /// @param call what was called, in words
  /// @param kind collective or message
  /// @param bytes count × element size
  /// @param algorithm of the plan, empty for messages
  /// @param state how far it came
  /// @param beginNanos when it began, 0 if unknown; if it stalled, maybe when it began to wait
  /// @param endNanos when it ended, 0 if unknown
  /// @param stalled whether it waited for long
  public record Operation(
      long number,
      String call,
      Kind kind,
      long bytes,
      String algorithm,
      State state,
      long beginNanos,
      long endNanos,
      boolean stalled) {}

  /// What an operation is.
  public enum Kind {
    /// All ranks take part.
    COLLECTIVE,
    /// Two ranks take part.
    MESSAGE
  }

  /// How far an operation came.
  public enum State {
    /// It runs.
    RUNNING,
    /// It has ended well.
    DONE,
    /// It has failed.
    FAILED
  }

  /// Returns the value of a counter.
  public long counter(Counter counter) {
    return counters.getOrDefault(counter, 0L);
  }

  /// Returns the number of collectives entered.
  public long collectives() {
    return entered - counter(Counter.MESSAGES);
  }

  /// Returns the operation that the rank is in or failed in, null if it is in none.
  public @Nullable Operation current() {
    Operation last = operations.isEmpty() ? null : operations.getLast();
    return last == null || last.state() == State.DONE ? null : last;
  }

  /// Returns what the rank waits for now, or waited for when it failed; null if it does not.
  public @Nullable Wait currentWait() {
    Wait last = waiting;
    if (last == null
        || last.operation() != (current() == null ? entered : entered - 1)
        || (failure == null ? nanos : failure.nanos()) - last.seenNanos() > STILL_NANOS) {
      return null;
    }
    return last;
  }

  /// Returns this dump with what only the process itself can find out.
  ///
  /// @param missing ranks that have not entered the operation that this rank is in
  public Dump withAbsent(List<Integer> missing) {
    return new Dump(
        identity,
        wallNanos,
        nanos,
        startNanos,
        entered,
        counters,
        failure,
        waiting,
        missing,
        peers,
        operations);
  }
}
