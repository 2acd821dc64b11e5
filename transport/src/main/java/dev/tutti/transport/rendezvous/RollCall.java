package dev.tutti.transport.rendezvous;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Runs a [Muster]: waits for the ranks, and asks after those that do not come.
///
/// A rank whose process is gone is not waited for. One that answers, but has not noticed yet that
/// the server is lost, is waited for once more as long as a silence may last: it is slow, not dead.
/// If one that is missing says that the others have gone on under another server, this one must not
/// serve.
final class RollCall {
  // Those who come by themselves take less.
  private static final long PATIENCE_NANOS = 20_000_000;

  // Which part of a timeout answers are evaluated before the deadline.
  private static final int ANSWER_SHARE = 16;

  private final Muster muster;
  private final WorldSnapshot snapshot;
  private final Timing timing;
  private final Reach reach;
  private final Set<Integer> slow = ConcurrentHashMap.newKeySet();

  RollCall(Muster muster, WorldSnapshot snapshot, Timing timing, Reach reach) {
    this.muster = muster;
    this.snapshot = snapshot;
    this.timing = timing;
    this.reach = reach;
  }

  /// Waits until all are there or the deadline has passed.
  void run(long deadlineNanos, Consumer<Muster> done) {
    try {
      List<Integer> missing =
          muster.await(Math.min(deadlineNanos, System.nanoTime() + PATIENCE_NANOS));
      for (int rank : missing) {
        if (rank != snapshot.rank()) {
          Thread.ofPlatform()
              .daemon()
              .name("tutti-rendezvous-rollcall")
              .start(() -> askAfter(rank, deadlineNanos - timing.timeoutNanos() / ANSWER_SHARE));
        }
      }
      missing = muster.await(deadlineNanos);
      if (!Collections.disjoint(missing, slow)) {
        muster.await(deadlineNanos + timing.timeoutNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      muster.end("interrupted: " + e.getMessage());
    } finally {
      done.accept(muster);
    }
  }

  private void askAfter(int rank, long deadlineNanos) {
    MemberCard card = snapshot.cards().get(rank);
    if (card == null) {
      return;
    }
    Resume.Header self =
        new Resume.Header(
            snapshot.world(), snapshot.term(), snapshot.rank(), snapshot.worldSize(), timing);
    switch (reach.ask(card, self, deadlineNanos)) {
      case Reach.Refused _ -> muster.excuse(rank, "its process is gone (connection refused)");
      case Reach.Evicted(int _, String cause) -> muster.evict(cause);
      case Reach.Stays _ -> slow.add(rank);
      case Reach.Outcome _ -> {}
    }
  }
}
