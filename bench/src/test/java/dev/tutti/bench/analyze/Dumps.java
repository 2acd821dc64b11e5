package dev.tutti.bench.analyze;

import dev.tutti.collectives.record.Counter;
import dev.tutti.collectives.record.Dump;
import dev.tutti.collectives.record.Dump.Kind;
import dev.tutti.collectives.record.Dump.State;
import dev.tutti.collectives.record.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes the dump of one rank, after ten seconds of life.
public final class Dumps {
  /// When every dump is written.
  public static final long NOW = 20_000_000_000L;

  private static final long START = 10_000_000_000L;

  private final int rank;
  private final int size;
  private final List<Dump.Operation> operations = new ArrayList<>();
  private final Dump.Peer[] peers;
  private Dump.@Nullable Failure failure;
  private Dump.@Nullable Wait waiting;
  private @Nullable List<Integer> absent;
  private long completed;

  private Dumps(int rank, int size) {
    this.rank = rank;
    this.size = size;
    this.peers = new Dump.Peer[size];
    for (int r = 0; r < size; r++) {
      peers[r] = new Dump.Peer(r, 0, 0, 0, 0, 0, 0);
    }
  }

  /// Begins the dump of a rank.
  public static Dumps rank(int rank, int size) {
    return new Dumps(rank, size);
  }

  /// The rank has completed barriers.
  public Dumps completed(int count) {
    for (int i = 0; i < count; i++) {
      add("barrier", Kind.COLLECTIVE, State.DONE, 0);
      completed++;
    }
    return this;
  }

  /// The rank has completed an operation whose begin is known.
  public Dumps completed(String call, long beginNanos) {
    add(call, Kind.COLLECTIVE, State.DONE, beginNanos);
    completed++;
    return this;
  }

  /// The rank is in a collective.
  public Dumps in(String call) {
    return add(call, Kind.COLLECTIVE, State.RUNNING, 0);
  }

  /// The rank is in a message.
  public Dumps inMessage(String call) {
    return add(call, Kind.MESSAGE, State.RUNNING, 0);
  }

  private Dumps add(String call, Kind kind, State state, long begin) {
    operations.add(
        new Dump.Operation(operations.size(), call, kind, 4, "flat", state, begin, 0, false));
    return this;
  }

  /// The rank waits for another one, to which it has not talked for so long.
  public Dumps waitsFor(int peer, double seconds) {
    waiting =
        new Dump.Wait(peer, operations.size() - 1, NOW - Math.round(seconds * 1e9), NOW - 1_000);
    return this;
  }

  /// The rank is in no operation and waits for another one to connect.
  public Dumps awaitsConnection(int peer, double seconds) {
    waiting = new Dump.Wait(peer, operations.size(), NOW - Math.round(seconds * 1e9), NOW - 1_000);
    return this;
  }

  /// The rank has found that others have not entered its operation.
  public Dumps absent(Integer... ranks) {
    absent = List.of(ranks);
    return this;
  }

  /// The rank's operation has failed.
  public Dumps failed(String kind, String message, long afterNanos) {
    failure =
        new Dump.Failure(operations.size() - 1, kind, message, NOW + afterNanos, NOW + afterNanos);
    Dump.Operation last = operations.removeLast();
    operations.add(
        new Dump.Operation(
            last.number(), last.call(), last.kind(), 4, "flat", State.FAILED, 0, 0, false));
    return this;
  }

  /// The rank has waited for another one now and then.
  public Dumps waited(int peer, int times, double seconds) {
    peers[peer] = new Dump.Peer(peer, times, Math.round(seconds * 1e9), 0, 0, 0, 0);
    return this;
  }

  /// The rank has exchanged messages with another one.
  public Dumps rate(int peer, double bytesPerSecond) {
    peers[peer] = new Dump.Peer(peer, 0, 0, 10, 10L << 20, 1, (long) bytesPerSecond);
    return this;
  }

  /// Returns the dump.
  public Dump dump() {
    return new Dump(
        new Identity(
            "world",
            rank,
            IntStream.range(0, size).boxed().toList(),
            "shm",
            "host",
            "boot",
            100 + rank,
            ""),
        NOW,
        NOW,
        START,
        operations.size(),
        Map.of(
            Counter.OPERATIONS,
            completed,
            Counter.MESSAGES,
            operations.stream().filter(o -> o.kind() == Kind.MESSAGE).count()),
        failure,
        waiting,
        absent,
        List.of(peers),
        operations);
  }
}
