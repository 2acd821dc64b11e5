package dev.tutti.transport.rendezvous;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/// Finds out whether the ranks have gone on without their server, when one of them has left it.
///
/// A server whose process stood still, or that others could not reach for a while, must not take
/// the ranks that gave it up for dead: it is the one that is out. It asks all of them. One that
/// lives in a later term settles it; if none does, the server goes on as long as somebody is with
/// it.
final class Fencing {
  private static final long PAUSE_NANOS = 20_000_000;

  private final RendezvousServer server;
  private final Reach reach;
  private final int hostRank;

  Fencing(RendezvousServer server, Reach reach, int hostRank) {
    this.server = server;
    this.reach = reach;
    this.hostRank = hostRank;
  }

  /// Handles that a rank has given the server up.
  void deposed(Seat seat) {
    MemberTable table = server.tableOf(seat);
    if (table == null || hostRank < 0 || seat.rank() == hostRank) {
      return;
    }
    // Longer than a muster: whoever is about to serve has decided by then.
    long deadline = System.nanoTime() + 2 * seat.timing().timeoutNanos() / 3;
    Resume.Header self = table.header(seat, hostRank);
    List<CompletableFuture<Reach.Outcome>> answers = new ArrayList<>();
    for (MemberCard card : table.presentExcept(hostRank)) {
      answers.add(Reach.later(() -> ask(card, self, deadline)));
    }
    boolean someoneStays = false;
    for (CompletableFuture<Reach.Outcome> answer : answers) {
      switch (Reach.resultOf(answer, deadline + PAUSE_NANOS)) {
        case Reach.Evicted(int term, String cause) when term > self.term() -> {
          server.resign(cause);
          return;
        }
        case Reach.Stays _ -> someoneStays = true;
        case Reach.Outcome _ -> {}
      }
    }
    if (!someoneStays) {
      server.resign("rank " + seat.rank() + " could not hear this rank, and nobody is with it");
    }
  }

  /// Handles a connection that closed although this process stood still: unless the rank is dead,
  /// it has given the server up.
  void closedAfterPause(Seat seat) {
    MemberTable table = server.tableOf(seat);
    MemberCard card = table == null ? null : table.card(seat.rank());
    if (card == null || seat.rank() == hostRank) {
      return;
    }
    long deadline = System.nanoTime() + seat.timing().reachNanos();
    Reach.Outcome outcome = reach.connect(card, deadline);
    if (outcome instanceof Reach.Alive alive) {
      alive.connection().close();
      deposed(seat);
    }
  }

  /// Asks until the rank has decided, or the deadline passes.
  private Reach.Outcome ask(MemberCard card, Resume.Header self, long deadlineNanos) {
    while (true) {
      Reach.Outcome outcome = reach.ask(card, self, deadlineNanos);
      boolean undecided =
          outcome instanceof Reach.Evicted(int term, String _) && term <= self.term();
      if (!undecided || deadlineNanos - System.nanoTime() <= PAUSE_NANOS) {
        return outcome;
      }
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
  }
}
