package dev.tutti.transport.rendezvous;

import org.jspecify.annotations.Nullable;

/// A rank's place at a server: its connection, and which rank it is.
final class Seat {
  private final FramePeer peer;
  private final Timing timing;
  private volatile int rank;
  private @Nullable String lostCause; // guarded by the lock of the table

  /// @param rank the rank, or -1 for a newcomer who has none yet
  Seat(FramePeer peer, Timing timing, int rank) {
    this.peer = peer;
    this.timing = timing;
    this.rank = rank;
  }

  FramePeer peer() {
    return peer;
  }

  Timing timing() {
    return timing;
  }

  int rank() {
    return rank;
  }

  /// Gives a newcomer its rank; called once, under the lock of the table.
  void give(int newRank) {
    rank = newRank;
  }

  /// Notes that the connection ended before the rank was seated.
  void lose(String cause) {
    lostCause = cause;
  }

  @Nullable String lostCause() {
    return lostCause;
  }

  void send(Frame frame) {
    peer.send(frame);
  }

  /// Tells the rank that it is dead for the others, as the last word.
  ///
  /// @param term the term in which it counts as dead
  void evict(int term, String cause) {
    peer.send(new Frame.Writer().putInt(term).putText(cause).toFrame(FrameType.EVICTED));
    peer.finish();
  }
}
