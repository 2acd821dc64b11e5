package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What one rank knows of its world: the client's mirror of [MemberTable], and where callers wait
/// for it to change. All methods are atomic.
final class WorldView {
  private final int rank;
  private final int worldSize;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private final Map<Integer, byte[]> cards = new TreeMap<>();
  private final Map<Integer, String> gone = new TreeMap<>();
  private final Map<GatherKey, Map<Integer, byte[]>> gathers = new HashMap<>();
  private final Set<GatherKey> expired = new HashSet<>();
  private @Nullable RendezvousException failure; // why nothing more will be joined or gathered

  WorldView(int rank, int worldSize) {
    this.rank = rank;
    this.worldSize = worldSize;
  }

  /// Waits until the cards of all ranks are there.
  void awaitComplete(Duration timeout, long deadlineNanos) {
    lock.lock();
    try {
      while (cards.size() < worldSize) {
        throwIfFailed();
        if (!awaitChange(deadlineNanos)) {
          List<Integer> missing = missing();
          throw new RendezvousException(
              Kind.TIMEOUT,
              missing,
              "rank "
                  + rank
                  + " waited "
                  + Membership.seconds(timeout)
                  + " for a world of "
                  + worldSize
                  + "; missing ranks: "
                  + missing,
              null);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Returns copies of the cards, by rank.
  List<byte[]> cards() {
    lock.lock();
    try {
      return cards.values().stream().map(byte[]::clone).toList();
    } finally {
      lock.unlock();
    }
  }

  /// Registers a gather, has `send` contribute to it, and waits for all parts.
  byte[][] gather(GatherKey key, Runnable send, Duration timeout, long deadlineNanos) {
    lock.lock();
    try {
      if (expired.contains(key) || gathers.containsKey(key)) {
        throw new IllegalStateException(
            "gather " + key.tag() + " of ranks " + key.members() + " is under way or timed out");
      }
      Map<Integer, byte[]> parts = new TreeMap<>();
      gathers.put(key, parts);
      try {
        throwIfBroken(key, parts);
        send.run();
        while (parts.size() < key.members().size()) {
          throwIfBroken(key, parts);
          if (!awaitChange(deadlineNanos)) {
            expired.add(key);
            throw gatherTimeout(key, parts, timeout);
          }
        }
      } finally {
        gathers.remove(key);
      }
      byte[][] result = new byte[key.members().size()][];
      for (int i = 0; i < result.length; i++) {
        result[i] = Objects.requireNonNull(parts.get(key.members().get(i)));
      }
      return result;
    } finally {
      lock.unlock();
    }
  }

  private void throwIfBroken(GatherKey key, Map<Integer, byte[]> parts) {
    List<Integer> dead = new ArrayList<>();
    List<String> causes = new ArrayList<>();
    for (Map.Entry<Integer, String> entry : gone.entrySet()) {
      int member = entry.getKey();
      if (key.members().contains(member) && !parts.containsKey(member)) {
        dead.add(member);
        causes.add("rank " + member + ": " + entry.getValue());
      }
    }
    if (!dead.isEmpty()) {
      throw new RendezvousException(
          Kind.CONNECTION,
          dead,
          "gather " + key.tag() + " cannot complete; " + String.join("; ", causes),
          null);
    }
    throwIfFailed();
  }

  private static RendezvousException gatherTimeout(
      GatherKey key, Map<Integer, byte[]> parts, Duration timeout) {
    List<Integer> missing =
        key.members().stream().filter(m -> !parts.containsKey(m)).sorted().toList();
    return new RendezvousException(
        Kind.TIMEOUT,
        missing,
        "gather " + key.tag() + " waited " + Membership.seconds(timeout) + " for ranks " + missing,
        null);
  }

  void addCard(int peer, byte[] card) {
    update(() -> cards.put(peer, card));
  }

  void addPart(GatherKey key, int peer, byte[] part) {
    update(() -> {
      Map<Integer, byte[]> parts = gathers.get(key);
      if (parts != null) { // else it timed out here
        parts.put(peer, part);
      }
    });
  }

  /// Notes that a rank is gone; a world that is not complete will never be.
  void addDeparture(int peer, Kind kind, String cause) {
    update(() -> {
      gone.putIfAbsent(peer, cause);
      if (cards.size() < worldSize && failure == null) {
        List<Integer> missing = missing();
        failure =
            new RendezvousException(
                kind,
                kind == Kind.TIMEOUT ? missing : List.of(peer),
                "rank "
                    + peer
                    + " is gone before the world was complete: "
                    + cause
                    + "; ranks not seen: "
                    + missing,
                null);
      }
    });
  }

  /// Ends all waits, now and later, with `e`, unless they ended already.
  void fail(RendezvousException e) {
    update(() -> {
      if (failure == null) {
        failure = e;
      }
    });
  }

  private void throwIfFailed() {
    if (failure != null) {
      throw failure.copyForCaller();
    }
  }

  private List<Integer> missing() {
    return IntStream.range(0, worldSize).boxed().filter(r -> !cards.containsKey(r)).toList();
  }

  /// Waits for news; false if the deadline passed.
  @SuppressWarnings("WaitNotInLoop") // all callers loop
  private boolean awaitChange(long deadlineNanos) {
    try {
      return changed.awaitNanos(deadlineNanos - System.nanoTime()) > 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RendezvousException(
          Kind.CONNECTION, "rank " + rank + " was interrupted while waiting for other ranks", e);
    }
  }

  private void update(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
