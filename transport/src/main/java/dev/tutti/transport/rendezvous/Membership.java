package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One rank's place in a world: its control connection to the rendezvous.
///
/// A daemon thread reads the connection; all methods may be called by any thread. A rank that ends
/// without [#close()] counts as failed on all others.
public final class Membership implements AutoCloseable {
  /// The most bytes of a card and of a contribution to [#allGather].
  public static final int MAX_CONTRIBUTION_BYTES = Frame.MAX_BYTES / 2;

  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration GOODBYE_TIMEOUT = Duration.ofSeconds(2);

  private final int rank;
  private final int worldSize;
  private final int servingRank;
  private final Secret secret;
  private final FrameConnection connection;
  private final EventDispatcher events;
  private final WorldView view;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private boolean left;
  private boolean goodbye; // the server's last word has come
  private @Nullable AutoCloseable served;

  private Membership(int rank, int worldSize, Connector.Connected connected) {
    this.rank = rank;
    this.worldSize = worldSize;
    this.servingRank = connected.servingRank();
    this.secret = connected.secret();
    this.connection = connected.connection();
    this.events = new EventDispatcher("tutti-membership-events-" + rank);
    this.view = new WorldView(rank, worldSize);
  }

  /// Joins the world at `rendezvous` and waits until all its ranks are there.
  ///
  /// @param rendezvous `tcp://host:port`, or `file:///directory?job=name` (see [Rendezvous])
  /// @param card what the others need to know about this rank: addresses, host, process
  /// @param timeout for all of it, the wait for the server to come up included
  /// @throws RendezvousException AUTHENTICATION wrong or missing secret on either side; TIMEOUT no
  ///   server, or ranks missing (listed); REFUSED duplicate rank or wrong world size; PROTOCOL
  ///   other version or no rendezvous at all; CONNECTION server or a rank died meanwhile
  public static Membership join(
      URI rendezvous, int rank, int worldSize, Secret secret, byte[] card, Duration timeout) {
    RendezvousUri.check(rendezvous);
    if (worldSize < 1) {
      throw new IllegalArgumentException("worldSize must be at least 1, is " + worldSize);
    }
    if (rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException("rank " + rank + " is not in 0.." + (worldSize - 1));
    }
    checkLength("card", card);
    long deadline = System.nanoTime() + timeout.toNanos();
    ThreadFactory threads =
        Thread.ofPlatform().daemon().name("tutti-membership-writer-" + rank).factory();
    Membership membership =
        new Membership(
            rank,
            worldSize,
            new Connector(rendezvous, secret, timeout, deadline, threads).connect());
    try {
      membership.awaitWorld(card, timeout, deadline);
      return membership;
    } catch (RuntimeException e) {
      membership.giveUp(e);
      throw e;
    }
  }

  private void awaitWorld(byte[] card, Duration timeout, long deadline) {
    connection.send(
        new Frame.Writer().putInt(rank).putInt(worldSize).putBytes(card).toFrame(FrameType.JOIN));
    Thread.ofPlatform().daemon().name("tutti-membership-" + rank).start(this::readLoop);
    view.awaitComplete(timeout, deadline);
  }

  private void giveUp(RuntimeException reason) {
    lock.lock();
    try {
      left = true;
    } finally {
      lock.unlock();
    }
    if (reason instanceof RendezvousException e && e.kind() == Kind.TIMEOUT) {
      connection.send(
          new Frame.Writer().putText("gave up: " + e.getMessage()).toFrame(FrameType.GIVE_UP));
      connection.flush(FLUSH_TIMEOUT);
    }
    connection.close();
    events.stop();
  }

  /// Returns this rank.
  public int rank() {
    return rank;
  }

  /// Returns the job's secret: the one this rank came with, or the one it found in the rendezvous
  /// file.
  public Secret secret() {
    return secret;
  }

  /// Returns the number of ranks the world was formed with.
  public int worldSize() {
    return worldSize;
  }

  /// Returns the cards of all ranks, by rank; copies.
  public List<byte[]> cards() {
    return view.cards();
  }

  /// Sets the listener; events that came before are delivered now. To be called once.
  ///
  /// @throws IllegalStateException if there is a listener already
  public void onEvent(MembershipListener listener) {
    events.listen(listener);
  }

  /// Tells all other ranks that the job is to end; returns when that is on its way (at most 1 s).
  ///
  /// They hear [MembershipListener#aborted]; their pending gathers fail.
  public void abort(String reason) {
    connection.send(new Frame.Writer().putText(reason).toFrame(FrameType.ABORT));
    connection.flush(FLUSH_TIMEOUT);
  }

  /// Exchanges contributions among all ranks; see [#allGather(long, int\[\], byte\[\], Duration)].
  public byte[][] allGather(long tag, byte[] mine, Duration timeout) {
    return allGather(tag, IntStream.range(0, worldSize).toArray(), mine, timeout);
  }

  /// Exchanges contributions among `members` over the rendezvous: slow, for agreements.
  ///
  /// All members call it with the same tag and the same members in the same order. The same tag may
  /// be used again after success, but not after a timeout.
  ///
  /// @param members distinct world ranks, this one among them
  /// @param mine this rank's contribution, at most [#MAX_CONTRIBUTION_BYTES]
  /// @return the contributions, in the order of `members`
  /// @throws RendezvousException TIMEOUT naming the members that did not contribute; CONNECTION if
  ///   a member is gone (named), the job was aborted or the server is lost
  public byte[][] allGather(long tag, int[] members, byte[] mine, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    checkLength("contribution", mine);
    GatherKey key = new GatherKey(tag, checkMembers(members));
    return view.gather(
        key,
        () -> connection.send(key.write().putBytes(mine).toFrame(FrameType.GATHER)),
        timeout,
        deadline);
  }

  private List<Integer> checkMembers(int[] members) {
    List<Integer> list = IntStream.of(members).boxed().toList();
    if (!list.contains(rank)
        || new HashSet<>(list).size() != members.length
        || IntStream.of(members).anyMatch(m -> m < 0 || m >= worldSize)) {
      throw new IllegalArgumentException(
          "members must be distinct ranks in 0.."
              + (worldSize - 1)
              + " with rank "
              + rank
              + " among them: "
              + list);
    }
    return list;
  }

  private static void checkLength(String what, byte[] bytes) {
    if (bytes.length > MAX_CONTRIBUTION_BYTES) {
      throw new IllegalArgumentException(
          what + " of " + bytes.length + " bytes; the limit is " + MAX_CONTRIBUTION_BYTES);
    }
  }

  static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  /// Hands over what [#leave()] is to close at the end: the server this rank runs itself.
  void adopt(AutoCloseable server) {
    lock.lock();
    try {
      served = server;
    } finally {
      lock.unlock();
    }
  }

  private void readLoop() {
    try {
      while (handle(connection.read())) {
        // handle does the work
      }
    } catch (IOException e) {
      serverLost(e);
    }
    connection.close();
  }

  /// Handles one frame of the server; false after the last.
  private boolean handle(Frame frame) throws IOException {
    Frame.Reader reader = frame.open();
    switch (frame.type()) {
      case HEARTBEAT -> {}
      case CARD -> gotCard(reader.getInt(), reader.getBytes());
      case GATHER_PART -> {
        GatherKey key = GatherKey.read(reader, worldSize);
        view.addPart(key, reader.getInt(), reader.getBytes());
      }
      case RANK_FAILED -> {
        int peer = reader.getInt();
        Kind kind = Handshake.kind(reader.getByte());
        rankGone(peer, kind, reader.getText());
      }
      case RANK_LEFT -> rankGone(reader.getInt(), null, "left the world");
      case ABORTED -> gotAbort(reader.getInt(), reader.getText());
      case REJECT -> {
        view.fail(Handshake.rejection(frame));
        return false;
      }
      case GOODBYE -> {
        gotGoodbye();
        return false;
      }
      default -> throw new WireFault("the rendezvous may not send " + frame.type());
    }
    return true;
  }

  private void gotCard(int peer, byte[] card) throws WireFault {
    if (peer < 0 || peer >= worldSize) {
      throw new WireFault("card of rank " + peer + " in a world of " + worldSize);
    }
    view.addCard(peer, card);
  }

  /// Notes a departure; `kind` is null for one in order.
  private void rankGone(int peer, @Nullable Kind kind, String cause) {
    view.addDeparture(peer, kind == null ? Kind.CONNECTION : kind, cause);
    if (kind == null) {
      events.post(listener -> listener.rankLeft(peer));
    } else {
      events.post(listener -> listener.rankFailed(peer, cause));
    }
  }

  private void gotAbort(int byRank, String reason) {
    view.fail(
        new RendezvousException(
            Kind.CONNECTION,
            List.of(byRank),
            "rank " + byRank + " aborted the job: " + reason,
            null));
    events.post(listener -> listener.aborted(byRank, reason));
  }

  private void gotGoodbye() {
    boolean asked;
    lock.lock();
    try {
      asked = left;
      goodbye = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!asked) {
      view.fail(new RendezvousException(Kind.CONNECTION, "the rendezvous has closed"));
      events.post(MembershipListener::serverClosed);
    }
  }

  private void serverLost(IOException e) {
    boolean expected;
    lock.lock();
    try {
      expected = left;
      goodbye = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (expected) {
      return;
    }
    String cause = "the connection to the rendezvous broke: " + e.getMessage();
    if (servingRank >= 0 && servingRank != rank) {
      rankGone(servingRank, Kind.CONNECTION, "connection closed (process exited?)");
    }
    view.fail(
        new RendezvousException(
            Kind.CONNECTION, servingRank >= 0 ? List.of(servingRank) : List.of(), cause, e));
    events.post(listener -> listener.serverLost(cause));
  }

  /// Leaves the world in order: the others hear [MembershipListener#rankLeft]. Idempotent; no event
  /// is delivered here afterwards.
  ///
  /// Waits for the server's answer (at most 2 s). If this rank serves the rendezvous itself, stays
  /// until the others have left or died (at most 5 s).
  public void leave() {
    AutoCloseable toClose;
    lock.lock();
    try {
      if (left) {
        return;
      }
      left = true;
      toClose = served;
    } finally {
      lock.unlock();
    }
    view.fail(new RendezvousException(Kind.CONNECTION, "rank " + rank + " has left the world"));
    connection.send(Frame.empty(FrameType.LEAVE));
    awaitGoodbye();
    connection.close();
    events.stop();
    closeServer(toClose);
  }

  private void awaitGoodbye() {
    long deadline = System.nanoTime() + GOODBYE_TIMEOUT.toNanos();
    lock.lock();
    try {
      // Closing before the answer could destroy the goodbye on its way: TCP resets a connection
      // that is closed with unread bytes.
      while (!goodbye && changed.awaitNanos(deadline - System.nanoTime()) > 0) {
        // wait on
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private static void closeServer(@Nullable AutoCloseable server) {
    if (server == null) {
      return;
    }
    try {
      server.close();
    } catch (Exception e) {
      throw new IllegalStateException("closing the rendezvous server failed", e);
    }
  }

  /// The same as [#leave()].
  @Override
  public void close() {
    leave();
  }
}
