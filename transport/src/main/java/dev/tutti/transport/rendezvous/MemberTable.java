package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Who is in the world, who is gone, and what they are gathering: the state of a server.
///
/// All methods are atomic. Frames are queued on the connections while the lock is held, so that
/// every rank sees the same events in the same order, and a gather's last part before the news that
/// one of its members left.
final class MemberTable {
  private final int worldSize;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private final Map<Integer, FrameConnection> present = new TreeMap<>();
  private final Map<Integer, Frame> cards = new TreeMap<>();
  private final Map<Integer, Frame> gone = new TreeMap<>();
  private final Map<GatherKey, Map<Integer, Frame>> gathers = new HashMap<>();
  private boolean closing;

  MemberTable(int worldSize) {
    this.worldSize = worldSize;
  }

  /// Admits a rank: it hears all that happened so far, and the others hear of it.
  ///
  /// @throws RendezvousException of kind REFUSED if it has no place here
  void join(int rank, int claimedWorldSize, byte[] card, FrameConnection connection) {
    lock.lock();
    try {
      check(rank, claimedWorldSize);
      Frame frame = new Frame.Writer().putInt(rank).putBytes(card).toFrame(FrameType.CARD);
      present.put(rank, connection);
      cards.put(rank, frame);
      broadcast(frame, rank);
      for (Frame earlier : cards.values()) {
        connection.send(earlier);
      }
      for (Frame departure : gone.values()) {
        connection.send(departure);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void check(int rank, int claimedWorldSize) {
    if (claimedWorldSize != worldSize) {
      throw refused(
          "rank "
              + rank
              + " expects a world of "
              + claimedWorldSize
              + " ranks, the rendezvous serves a world of "
              + worldSize);
    }
    if (rank < 0 || rank >= worldSize) {
      throw refused("rank " + rank + " is not in 0.." + (worldSize - 1));
    }
    FrameConnection other = present.get(rank);
    if (other != null) {
      throw refused("rank " + rank + " has joined already, from " + other.remote());
    }
    Frame departure = gone.get(rank);
    if (departure != null) {
      throw refused("rank " + rank + " was in this world before and is gone");
    }
    if (closing) {
      throw refused("the rendezvous is closing");
    }
  }

  private static RendezvousException refused(String message) {
    return new RendezvousException(Kind.REFUSED, message);
  }

  /// Notes that a rank is gone without a goodbye. Nothing happens if it is known to be gone.
  void failed(int rank, Kind kind, String cause) {
    Frame news =
        new Frame.Writer()
            .putInt(rank)
            .putByte(kind.ordinal())
            .putText(cause)
            .toFrame(FrameType.RANK_FAILED);
    depart(rank, news);
  }

  /// Notes that a rank which never joined will not come. Nothing happens if it has joined.
  void failedBeforeJoining(int rank, String cause) {
    lock.lock();
    try {
      if (!present.containsKey(rank)) {
        failed(rank, Kind.CONNECTION, cause);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a rank left in order, and says goodbye to it.
  void left(int rank) {
    lock.lock();
    try {
      FrameConnection leaver = present.get(rank);
      depart(rank, new Frame.Writer().putInt(rank).toFrame(FrameType.RANK_LEFT));
      if (leaver != null) {
        leaver.send(Frame.empty(FrameType.GOODBYE));
        leaver.finish();
      }
    } finally {
      lock.unlock();
    }
  }

  private void depart(int rank, Frame news) {
    lock.lock();
    try {
      present.remove(rank);
      cards.remove(rank);
      if (!gone.containsKey(rank)) {
        gone.put(rank, news);
        if (!closing) {
          broadcast(news, rank);
        }
      }
      gathers.keySet().removeIf(key -> key.members().contains(rank));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Tells all others that a rank aborts the job.
  void abort(int byRank, String reason) {
    lock.lock();
    try {
      broadcast(
          new Frame.Writer().putInt(byRank).putText(reason).toFrame(FrameType.ABORTED), byRank);
    } finally {
      lock.unlock();
    }
  }

  /// Takes a contribution and exchanges it with those that are there already.
  ///
  /// @throws WireFault if the rank is no member or contributes twice
  void gather(int rank, GatherKey key, byte[] contribution) throws WireFault {
    lock.lock();
    try {
      if (!key.members().contains(rank)) {
        throw new WireFault("rank " + rank + " contributes to a gather of " + key.members());
      }
      if (gone.keySet().stream().anyMatch(key.members()::contains)) {
        return; // it will never complete; the contributor hears of the departure by its own frame
      }
      Map<Integer, Frame> parts = gathers.computeIfAbsent(key, _ -> new TreeMap<>());
      Frame part = key.write().putInt(rank).putBytes(contribution).toFrame(FrameType.GATHER_PART);
      if (parts.putIfAbsent(rank, part) != null) {
        throw new WireFault("rank " + rank + " contributes twice to gather " + key.tag());
      }
      FrameConnection newcomer = present.get(rank);
      for (Map.Entry<Integer, Frame> entry : parts.entrySet()) {
        send(newcomer, entry.getValue());
        if (entry.getKey() != rank) {
          send(present.get(entry.getKey()), part);
        }
      }
      if (parts.size() == key.members().size()) {
        gathers.remove(key);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until no rank is connected; false if that did not happen in time.
  boolean awaitEmpty(Duration timeout) throws InterruptedException {
    long remaining = timeout.toNanos();
    lock.lock();
    try {
      while (!present.isEmpty()) {
        if (remaining <= 0) {
          return false;
        }
        remaining = changed.awaitNanos(remaining);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Says goodbye to everyone; departures are not reported from now on.
  ///
  /// @return the connections that still stand
  List<FrameConnection> sayGoodbye() {
    lock.lock();
    try {
      closing = true;
      broadcast(Frame.empty(FrameType.GOODBYE), -1);
      for (FrameConnection connection : present.values()) {
        connection.finish();
      }
      return List.copyOf(present.values());
    } finally {
      lock.unlock();
    }
  }

  int joined() {
    lock.lock();
    try {
      return present.size();
    } finally {
      lock.unlock();
    }
  }

  private void broadcast(Frame frame, int exceptRank) {
    for (Map.Entry<Integer, FrameConnection> entry : present.entrySet()) {
      if (entry.getKey() != exceptRank) {
        entry.getValue().send(frame);
      }
    }
  }

  private static void send(@Nullable FrameConnection connection, Frame frame) {
    if (connection != null) {
      connection.send(frame);
    }
  }
}
