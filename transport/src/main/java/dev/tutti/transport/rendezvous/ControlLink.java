package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Keeps a rank connected to whoever serves its world: reads, beats, and moves on to the next
/// server when one is lost.
final class ControlLink {
  private static final Duration DEPOSE_TIMEOUT = Duration.ofMillis(100);

  private final WorldView view;
  private final EventDispatcher events;
  private final MembershipOptions options;
  private final Reach reach;
  private final @Nullable RendezvousServer own;
  private final ServerFrames frames;
  private final Heart heart;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private FrameConnection connection;
  private boolean left;
  private boolean ended;
  // Written before the thread starts, then by it only.
  private int servingRank;

  /// Why a connection is no more.
  private record Loss(ServerFrames.@Nullable Outcome lastWord, String cause, boolean silent) {}

  ControlLink(
      WorldView view,
      EventDispatcher events,
      MembershipOptions options,
      @Nullable RendezvousServer own,
      Connector.Connected connected,
      String name) {
    this.view = view;
    this.events = events;
    this.options = options;
    this.reach = new Reach(connected.secret(), options.tls());
    this.own = own;
    this.connection = connected.connection();
    this.servingRank = connected.servingRank();
    this.frames = new ServerFrames(view, events, this::reconsider);
    this.heart = new Heart("tutti-membership-heart-" + name);
  }

  void start(String threadName) {
    Thread.ofPlatform().daemon().name(threadName).start(this::run);
  }

  @Nullable Endpoint redirect() {
    return frames.redirect();
  }

  /// Returns the connection of now, which may be broken.
  FrameConnection connection() {
    lock.lock();
    try {
      return connection;
    } finally {
      lock.unlock();
    }
  }

  /// Notes that what happens to the connection from now on is expected.
  void leaving() {
    lock.lock();
    try {
      left = true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until nothing more will be heard; false if that did not happen in time.
  boolean awaitEnd(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    lock.lock();
    try {
      while (!ended) {
        if (changed.awaitNanos(deadline - System.nanoTime()) <= 0) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    leaving();
    connection().close();
    heart.close();
  }

  private void run() {
    try {
      Loss loss = converse();
      while (recover(loss)) {
        loss = converse();
      }
    } finally {
      view.disconnect();
      connection().close();
      heart.close();
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private Loss converse() {
    FrameConnection current = connection();
    Heart.Pulse pulse = heart.watch(current, options.timing(), cause -> depose(current, cause));
    try {
      while (true) {
        ServerFrames.Outcome outcome = frames.handle(current.read(), current, servingRank);
        if (outcome != ServerFrames.Outcome.GO_ON) {
          return new Loss(outcome, frames.evictedBecause(), false);
        }
      }
    } catch (IOException e) {
      return new Loss(null, current.explain(e), current.hasCloseReason());
    } finally {
      heart.forget(pulse);
    }
  }

  /// Gives a silent server up, and says so: should it go on, it learns that it is out.
  private void depose(FrameConnection current, String cause) {
    Thread.ofPlatform()
        .daemon()
        .name("tutti-membership-depose")
        .start(() -> {
          current.send(new Frame.Writer().putText(cause).toFrame(FrameType.DEPOSED));
          current.flush(DEPOSE_TIMEOUT);
          current.close(cause);
        });
  }

  /// Finds another server.
  ///
  /// @return whether there is a connection to converse on
  private boolean recover(Loss loss) {
    connection().close();
    if (hasLeft() || loss.lastWord == ServerFrames.Outcome.REJECTED) {
      return false;
    }
    if (loss.lastWord == ServerFrames.Outcome.EVICTED) {
      evicted(loss.cause);
      return false;
    }
    RendezvousServer successor = own;
    if (successor == null || servingRank == view.rank() || !mayTakeOver()) {
      lost(loss);
      return false;
    }
    view.lose(departure(loss));
    reconsider();
    return search(loss, successor);
  }

  private boolean mayTakeOver() {
    return view.isFormed()
        && switch (options.takeover()) {
          case NEVER -> false;
          case FROM_RANK -> servingRank >= 0;
          case ALWAYS -> true;
        };
  }

  private @Nullable Departure departure(Loss loss) {
    if (servingRank < 0) {
      return null;
    }
    return loss.lastWord == ServerFrames.Outcome.GOODBYE
        ? Departure.left(servingRank)
        : Departure.failed(servingRank, Kind.CONNECTION, loss.cause);
  }

  /// Goes from one candidate to the next until one takes this rank in, or tells that it is out.
  private boolean search(Loss loss, RendezvousServer successor) {
    SuccessorSearch search =
        new SuccessorSearch(view.snapshot(), options.timing(), reach, successor);
    SuccessorSearch.Found found = null;
    if (loss.lastWord == null && !loss.silent) {
      found = search.retryLost();
      if (search.isLostRefused()) {
        noteLost();
      }
    }
    while (true) {
      found = found == null ? search.next() : found;
      if (found == null || hasLeft()) {
        if (found != null) {
          found.connection().close();
        }
        lost(new Loss(null, loss.cause + "; no other rank could take over", false));
        return false;
      }
      ServerFrames.Outcome outcome = resume(found);
      if (outcome == ServerFrames.Outcome.GO_ON) {
        return true;
      }
      if (outcome == ServerFrames.Outcome.EVICTED) {
        evicted(frames.evictedBecause());
        return false;
      }
      found = null;
    }
  }

  private void noteLost() {
    Departure lost = view.snapshot().lost();
    try {
      if (lost != null) {
        frames.departed(lost);
      }
    } catch (WireFault e) {
      throw new IllegalStateException("the lost server was a rank of this world", e);
    }
  }

  /// Asks a candidate to take this rank in.
  ///
  /// @return GO_ON after its welcome, EVICTED, or null if another is to be tried
  private ServerFrames.@Nullable Outcome resume(SuccessorSearch.Found found) {
    FrameConnection candidate = found.connection();
    lock.lock();
    try {
      connection = candidate;
      servingRank = found.rank();
      if (left) {
        candidate.close();
      }
    } finally {
      lock.unlock();
    }
    Heart.Pulse pulse = heart.watch(candidate, options.timing(), cause -> depose(candidate, cause));
    try {
      List<Frame> story = view.resume(options.timing()).toFrames();
      story.forEach(candidate::send);
      while (true) {
        Frame frame = candidate.read();
        if (frame.type() == FrameType.REJECT) {
          break;
        }
        ServerFrames.Outcome outcome = frames.handle(frame, candidate, found.rank());
        if (outcome == ServerFrames.Outcome.EVICTED || frame.type() == FrameType.WELCOME) {
          return outcome;
        }
        if (outcome != ServerFrames.Outcome.GO_ON) {
          break;
        }
      }
    } catch (IOException _) {
      // It is lost, too, or gave way to another.
    } finally {
      heart.forget(pulse);
    }
    candidate.close();
    return null;
  }

  private void reconsider() {
    if (own != null) {
      own.reconsider();
    }
  }

  private boolean hasLeft() {
    lock.lock();
    try {
      return left;
    } finally {
      lock.unlock();
    }
  }

  private void evicted(String cause) {
    if (own != null) {
      own.resign(cause);
    }
    int rank = view.rank();
    view.fail(
        new RendezvousException(
            Kind.CONNECTION,
            List.of(rank),
            "the other ranks have declared this rank " + rank + " dead: " + cause,
            null));
    events.post(listener -> listener.evicted(cause));
  }

  private void lost(Loss loss) {
    if (hasLeft()) {
      return;
    }
    if (loss.lastWord == ServerFrames.Outcome.GOODBYE) {
      view.fail(new RendezvousException(Kind.CONNECTION, "the rendezvous has closed"));
      events.post(MembershipListener::serverClosed);
      return;
    }
    String cause = "the connection to the rendezvous broke: " + loss.cause;
    boolean ranked = servingRank >= 0 && servingRank != view.rank();
    if (ranked && view.addDeparture(Departure.failed(servingRank, Kind.CONNECTION, loss.cause))) {
      int peer = servingRank;
      events.post(listener -> listener.rankFailed(peer, loss.cause));
    }
    view.fail(
        new RendezvousException(
            Kind.CONNECTION, ranked ? List.of(servingRank) : List.of(), cause, null));
    events.post(listener -> listener.serverLost(cause));
  }
}
