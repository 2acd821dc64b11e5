package dev.tutti.transport.rendezvous;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Finds the rank that takes the place of a lost server: the lowest that is alive.
///
/// Every survivor looks by itself. It reaches for those below it, some at a time; the first in
/// order that answers is the one. If none does, the searcher itself takes over. Two that judge
/// differently meet in the roll call of one of them (see [RollCall]), where the higher gives way.
///
/// Used by one thread.
final class SuccessorSearch {
  private static final int GROUP = 8;
  private static final int MAX_ATTEMPTS = 10;
  private static final long PAUSE_NANOS = 20_000_000;

  private final WorldSnapshot snapshot;
  private final Timing timing;
  private final Reach reach;
  private final RendezvousServer own;
  private final Set<Integer> refused = new HashSet<>();
  private int attempts;

  /// A connection to a rank that may be the new server.
  ///
  /// @param connection after the handshake
  /// @param rank the rank at its other end
  record Found(FrameConnection connection, int rank) {}

  SuccessorSearch(WorldSnapshot snapshot, Timing timing, Reach reach, RendezvousServer own) {
    this.snapshot = snapshot;
    this.timing = timing;
    this.reach = reach;
    this.own = own;
  }

  /// Tries the lost server itself, whose connection may have broken without it.
  ///
  /// @return a connection to it; null if it does not answer
  @Nullable Found retryLost() {
    Departure lost = snapshot.lost();
    MemberCard card = lost == null ? null : snapshot.cards().get(lost.rank());
    if (card == null) {
      return null;
    }
    Reach.Outcome outcome = reach.connect(card, deadline());
    if (outcome instanceof Reach.Refused) {
      refused.add(card.rank());
    }
    return found(outcome, card.rank());
  }

  /// Tells whether the lost server's process is gone for certain.
  boolean isLostRefused() {
    Departure lost = snapshot.lost();
    return lost != null && refused.contains(lost.rank());
  }

  /// Returns the next connection to try; null if there is nobody to serve.
  @Nullable Found next() {
    if (attempts++ >= MAX_ATTEMPTS) {
      return null;
    }
    if (attempts > 1) {
      LockSupport.parkNanos(this, PAUSE_NANOS); // the one before has just gone away
    }
    Set<Integer> passed = new HashSet<>(refused);
    while (true) {
      List<MemberCard> group = group(passed);
      if (group.isEmpty()) {
        return null;
      }
      Found found =
          group.getFirst().rank() == snapshot.rank() ? serve(group.getFirst()) : firstAlive(group);
      if (found != null) {
        return found;
      }
      group.forEach(card -> passed.add(card.rank()));
    }
  }

  /// The next candidates in order; this rank only where it is the first.
  private List<MemberCard> group(Set<Integer> passed) {
    List<MemberCard> group =
        snapshot.candidates().stream()
            .filter(rank -> !passed.contains(rank))
            .map(rank -> snapshot.cards().get(rank))
            .filter(card -> card != null && !card.endpoint().addresses().isEmpty())
            .limit(GROUP)
            .toList();
    for (int i = 1; i < group.size(); i++) {
      if (group.get(i).rank() == snapshot.rank()) {
        return group.subList(0, i);
      }
    }
    return group.isEmpty() || group.getFirst().rank() != snapshot.rank()
        ? group
        : group.subList(0, 1);
  }

  private @Nullable Found serve(MemberCard self) {
    own.takeOver(snapshot, timing);
    return found(reach.connect(self, deadline()), self.rank());
  }

  private @Nullable Found firstAlive(List<MemberCard> group) {
    long deadline = deadline();
    List<CompletableFuture<Reach.Outcome>> tries = reach.connectAll(group, deadline);
    Reach.Outcome chosen = new Reach.Silent();
    Found found = null;
    for (int i = 0; i < group.size() && found == null; i++) {
      chosen = Reach.resultOf(tries.get(i), deadline);
      int rank = group.get(i).rank();
      if (chosen instanceof Reach.Refused) {
        refused.add(rank);
      }
      found = found(chosen, rank);
    }
    Reach.discardExcept(tries, chosen);
    return found;
  }

  private static @Nullable Found found(Reach.Outcome outcome, int rank) {
    return outcome instanceof Reach.Alive alive ? new Found(alive.connection(), rank) : null;
  }

  private long deadline() {
    return System.nanoTime() + timing.reachNanos();
  }
}
