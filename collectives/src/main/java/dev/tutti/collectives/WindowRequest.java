package dev.tutti.collectives;

import java.lang.foreign.MemorySegment;

/// Something that a rank wants of the memory of a rank on another host, or an answer to that; on
/// its way through a [WindowAgent].
final class WindowRequest {
  /// What it is; its place is what travels.
  enum Kind {
    /// Data to be written.
    PUT,
    /// Data to be combined with what is there.
    ACCUMULATE,
    /// One more of a signal.
    SIGNAL,
    /// Data are wanted.
    GET,
    /// Data that were wanted.
    GOT,
    /// An answer is wanted when all before has taken effect.
    FLUSH,
    /// That answer.
    FLUSHED;

    /// Returns whether data travel with it.
    boolean carriesData() {
      return this == PUT || this == ACCUMULATE || this == GOT;
    }

    /// Returns whether it reads or writes the target's data.
    boolean touchesData() {
      return this == PUT || this == ACCUMULATE || this == GET;
    }
  }

  final Kind kind;
  final int peer;
  final long offset; // in the target's data; of SIGNAL the number of the signal
  final MemorySegment data; // empty where there are none; of GET where they go
  final DataType type;
  final ReduceOp op;
  long id; // of GET and FLUSH, and of their answers; owner: the agent
  long moved; // bytes of the data that have been sent, or of GET received; owner: the agent
  private volatile boolean done;

  private WindowRequest(
      Kind kind, int peer, long offset, MemorySegment data, DataType type, ReduceOp op) {
    this.kind = kind;
    this.peer = peer;
    this.offset = offset;
    this.data = data;
    this.type = type;
    this.op = op;
  }

  private static WindowRequest of(Kind kind, int peer, long offset, MemorySegment data) {
    return new WindowRequest(kind, peer, offset, data, DataType.INT8, ReduceOp.SUM);
  }

  static WindowRequest put(int peer, long offset, MemorySegment data) {
    return of(Kind.PUT, peer, offset, data);
  }

  static WindowRequest accumulate(
      int peer, long offset, MemorySegment data, DataType type, ReduceOp op) {
    return new WindowRequest(Kind.ACCUMULATE, peer, offset, data, type, op);
  }

  static WindowRequest signal(int peer, int signal) {
    return of(Kind.SIGNAL, peer, signal, MemorySegment.NULL);
  }

  static WindowRequest get(int peer, long offset, MemorySegment destination) {
    return of(Kind.GET, peer, offset, destination);
  }

  static WindowRequest got(int peer, long id, MemorySegment data) {
    WindowRequest answer = of(Kind.GOT, peer, 0, data);
    answer.id = id;
    return answer;
  }

  static WindowRequest flush(int peer) {
    return of(Kind.FLUSH, peer, 0, MemorySegment.NULL);
  }

  static WindowRequest flushed(int peer, long id) {
    WindowRequest answer = of(Kind.FLUSHED, peer, 0, MemorySegment.NULL);
    answer.id = id;
    return answer;
  }

  /// Returns whether it ends with an answer.
  boolean isAnswered() {
    return kind == Kind.GET || kind == Kind.FLUSH;
  }

  boolean isDone() {
    return done;
  }

  void finish() {
    done = true;
  }
}
