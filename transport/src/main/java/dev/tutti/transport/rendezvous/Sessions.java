package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The conversations of a server with its ranks: reading, heartbeats, and how they end.
final class Sessions implements AutoCloseable {
  private static final Duration GOODBYE_TIMEOUT = Duration.ofMillis(500);

  private final RendezvousServer server;
  private final Reach reach;
  private final ReentrantLock lock = new ReentrantLock();
  // All guarded by lock.
  private @Nullable Heart heart; // made for the first rank: a server in reserve may never have one
  private boolean closed;

  Sessions(RendezvousServer server, Reach reach) {
    this.server = server;
    this.reach = reach;
  }

  /// Converses with a rank until its connection ends.
  void converse(Seat seat, FrameConnection connection) {
    Heart beating = heart();
    Heart.Pulse pulse =
        beating.watch(connection, seat.timing(), cause -> silent(seat, connection, cause));
    try {
      RankFrames.Outcome outcome;
      do {
        Frame frame = connection.read();
        MemberTable serving = server.tableOf(seat);
        outcome =
            serving != null
                ? RankFrames.handle(serving, seat, frame)
                : RankFrames.handleUnseated(frame);
      } while (outcome == RankFrames.Outcome.GO_ON);
      if (outcome == RankFrames.Outcome.DEPOSED) {
        new Fencing(server, reach, server.hostRank()).deposed(seat);
      }
      connection.flush(GOODBYE_TIMEOUT);
      server.ended(seat, Kind.CONNECTION, "gave the rendezvous up");
    } catch (WireFault e) {
      server.ended(seat, Kind.PROTOCOL, "broke the control protocol: " + e.getMessage());
    } catch (IOException e) {
      if (!connection.hasCloseReason() && beating.pausedWithin(2 * seat.timing().timeoutNanos())) {
        new Fencing(server, reach, server.hostRank()).closedAfterPause(seat);
      }
      server.ended(seat, Kind.CONNECTION, connection.explain(e));
    } finally {
      beating.forget(pulse);
    }
  }

  private Heart heart() {
    lock.lock();
    try {
      if (heart == null) {
        heart = new Heart("tutti-rendezvous-heart");
        if (closed) {
          heart.close();
        }
      }
      return heart;
    } finally {
      lock.unlock();
    }
  }

  private void silent(Seat seat, FrameConnection connection, String cause) {
    Thread.ofPlatform()
        .daemon()
        .name("tutti-rendezvous-evict")
        .start(() -> {
          server.ended(seat, Kind.CONNECTION, cause);
          seat.evict(server.term(), cause);
          connection.flush(GOODBYE_TIMEOUT);
          connection.close(cause);
        });
  }

  /// Ends the heartbeats.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (heart != null) {
        heart.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
