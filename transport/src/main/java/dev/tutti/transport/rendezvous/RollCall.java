package dev.tutti.transport.rendezvous;

import java.util.List;
import java.util.function.Consumer;

/// Runs a [Muster]: waits for the ranks, and asks after those that do not come.
///
/// A rank whose process is gone is not waited for. If one that is missing says that the others have
/// gone on under another server, this one must not serve.
final class RollCall {
  // Those who come by themselves take less.
  private static final long PATIENCE_NANOS = 20_000_000;

  private final Muster muster;
  private final WorldSnapshot snapshot;
  private final Timing timing;
  private final Reach reach;

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
              .start(() -> askAfter(rank, deadlineNanos));
        }
      }
      muster.await(deadlineNanos);
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
      case Reach.Outcome _ -> {}
    }
  }
}
