package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Where the ranks of one job meet.
///
/// It collects the cards of all ranks, hands them out, and afterwards tells every rank when another
/// is gone. A rank that left or died cannot come back; newcomers can be admitted. A server stands
/// in the launcher or in rank 0; every other rank has one in reserve, which takes over when the
/// server is lost (see [Membership]).
///
/// Threads: one that accepts, two per connection, and one for heartbeats, all daemons. They are
/// platform threads: virtual ones would stand still while the application keeps all carriers busy,
/// and the ranks would take this server for dead. A connection that sends anything wrong is closed,
/// alone. All methods may be called by any thread.
public final class RendezvousServer implements AutoCloseable {
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration GOODBYE_TIMEOUT = Duration.ofMillis(500);

  private final int firstRank;
  private final Doorman doorman;
  private final Reach reach;
  private final Sessions sessions;
  private final ReentrantLock lock = new ReentrantLock();
  // All guarded by lock.
  private final Map<Seat, Resume> parked = new HashMap<>();
  private Phase phase;
  private @Nullable MemberTable table;
  private @Nullable Muster muster;
  private @Nullable Reserve reserve;
  private int expected;

  private enum Phase {
    STANDBY,
    MUSTERING,
    SERVING,
    CLOSED
  }

  /// What a server in reserve has to know of the world its rank lives in.
  interface Reserve {
    /// Returns the rank, or -1 while it has none.
    int rank();

    /// Tells worlds apart.
    long world();

    /// Returns the term this rank lives in.
    int term();

    /// Returns why a rank counts as dead for this one, or null.
    @Nullable String verdictOn(int rank);

    /// Returns where newcomers are received now.
    Endpoint servedAt();

    /// Called when this server has taken over.
    void serving();
  }

  private RendezvousServer(
      InetSocketAddress bind,
      Secret secret,
      int firstRank,
      Duration handshakeTimeout,
      int expected,
      @Nullable MemberTable table) {
    this.firstRank = firstRank;
    this.reach = new Reach(secret, false);
    this.sessions = new Sessions(this, reach);
    this.expected = expected;
    this.table = table;
    this.phase = table == null ? Phase.STANDBY : Phase.SERVING;
    this.doorman =
        Doorman.start(
            bind, secret, this::hostRank, handshakeTimeout, this::expected, this::receive);
  }

  /// Starts a server that belongs to no rank, as a launcher does.
  ///
  /// @param bind where to listen; port 0 takes any free one
  /// @throws RendezvousException AUTHENTICATION if `bind` can be reached from other hosts and there
  ///   is no secret; CONNECTION if the address cannot be bound
  public static RendezvousServer start(InetSocketAddress bind, int worldSize, Secret secret) {
    return start(bind, worldSize, secret, -1, HANDSHAKE_TIMEOUT);
  }

  /// Starts a server inside the process of rank `servingRank`, or -1.
  static RendezvousServer start(
      InetSocketAddress bind,
      int worldSize,
      Secret secret,
      int servingRank,
      Duration handshakeTimeout) {
    if (worldSize < 1) {
      throw new IllegalArgumentException("worldSize must be at least 1, is " + worldSize);
    }
    long world = ByteBuffer.wrap(Secret.randomBytes(Long.BYTES)).getLong();
    return new RendezvousServer(
        bind, secret, servingRank, handshakeTimeout, worldSize, new MemberTable(world, worldSize));
  }

  /// Starts a server in reserve, in the process of a rank.
  static RendezvousServer standby(InetSocketAddress bind, int worldSize, Secret secret) {
    return new RendezvousServer(bind, secret, -1, HANDSHAKE_TIMEOUT, worldSize, null);
  }

  /// The rank in whose process this is, or -1; a newcomer learns it late.
  int hostRank() {
    lock.lock();
    try {
      return reserve == null ? firstRank : reserve.rank();
    } finally {
      lock.unlock();
    }
  }

  /// Connects a server in reserve with what its rank knows.
  void informedBy(Reserve source) {
    lock.lock();
    try {
      reserve = source;
    } finally {
      lock.unlock();
    }
  }

  /// Returns the address for [Membership#join]: `tcp://host:port`.
  public URI uri() {
    return HostAddresses.uri(addresses().getFirst(), port());
  }

  /// Returns the addresses by which this server may be reached.
  List<InetAddress> addresses() {
    InetAddress address = doorman.address();
    return address.isAnyLocalAddress() ? HostAddresses.reachable() : List.of(address);
  }

  /// Returns the port it listens on.
  public int port() {
    return doorman.port();
  }

  /// Returns how many ranks are connected now.
  public int joined() {
    MemberTable serving = servingTable();
    return serving == null ? 0 : serving.joined();
  }

  /// Returns how many connections were turned away: strangers, wrong secrets, ranks not wanted.
  public long rejected() {
    return doorman.rejected();
  }

  /// Tells the ranks that the process of `rank` ended before it joined: they need not wait for it.
  ///
  /// For launchers. Nothing happens if the rank has joined: then its connection tells.
  public void reportExit(int rank, String cause) {
    MemberTable serving = servingTable();
    int size = serving == null ? 0 : serving.worldSize();
    if (serving == null || rank < 0 || rank >= size) {
      throw new IllegalArgumentException("rank " + rank + " is not in 0.." + (size - 1));
    }
    serving.failedBeforeJoining(rank, cause);
  }

  boolean isServing() {
    return servingTable() != null;
  }

  private @Nullable MemberTable servingTable() {
    lock.lock();
    try {
      return table;
    } finally {
      lock.unlock();
    }
  }

  private int expected() {
    MemberTable serving = servingTable();
    return serving == null ? expected : serving.worldSize();
  }

  private void receive(FrameConnection connection, Frame first, long deadline) throws IOException {
    if (connection.isEncrypted()) {
      reach.encrypt(); // as the ranks of this job do
    }
    switch (first.type()) {
      case JOIN -> join(JoinRequest.read(first.open()), connection);
      case RESUME -> resume(Resume.read(first, connection, deadline), connection);
      default -> throw new WireFault("expected JOIN or RESUME, received " + first.type());
    }
  }

  private void join(JoinRequest request, FrameConnection connection) {
    MemberTable serving = servingTable();
    Seat seat = new Seat(connection, request.timing(), request.rank());
    if (serving != null) {
      if (request.isNewcomer()) {
        serving.enqueue(request, seat);
      } else {
        serving.join(request, seat);
      }
      sessions.converse(seat, connection);
      return;
    }
    Endpoint elsewhere = servedAt();
    if (!request.isNewcomer() || elsewhere.addresses().isEmpty()) {
      throw new RendezvousException(
          Kind.REFUSED, "rank " + hostRank() + " does not serve the rendezvous now");
    }
    connection.send(elsewhere.write(new Frame.Writer()).toFrame(FrameType.REDIRECT));
    connection.finish();
    connection.flush(GOODBYE_TIMEOUT);
  }

  private Endpoint servedAt() {
    Reserve source;
    lock.lock();
    try {
      source = reserve;
    } finally {
      lock.unlock();
    }
    return source == null ? Endpoint.NONE : source.servedAt();
  }

  private void resume(Resume resume, FrameConnection connection) {
    Seat seat = new Seat(connection, resume.header().timing(), resume.header().rank());
    String verdict = place(seat, resume);
    if (verdict != null) {
      seat.evict(term(), verdict);
      connection.flush(GOODBYE_TIMEOUT);
      return;
    }
    sessions.converse(seat, connection);
  }

  /// Gives a rank that has lost its server a place.
  ///
  /// @return why it counts as dead here, or null
  private @Nullable String place(Seat seat, Resume resume) {
    int rank = seat.rank();
    lock.lock();
    try {
      switch (phase) {
        case SERVING -> {
          MemberTable serving = table;
          if (serving == null || rank >= serving.worldSize()) {
            throw new RendezvousException(Kind.REFUSED, "rank " + rank + " is not of this world");
          }
          return serving.fail(rank, Kind.CONNECTION, "lost its connection to the rendezvous");
        }
        case CLOSED -> throw new RendezvousException(Kind.REFUSED, "the rendezvous is closed");
        default -> {
          Reserve source = reserve;
          if (source == null || resume.header().world() != source.world()) {
            throw new RendezvousException(Kind.REFUSED, "rank " + rank + " is not of this world");
          }
          String verdict = source.verdictOn(rank);
          if (verdict == null) {
            keep(seat, resume);
          }
          return verdict;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void keep(Seat seat, Resume resume) {
    Muster current = muster;
    if (current == null) {
      parked.put(seat, resume); // until its server is known to be lost, or the rank to be dead
    } else if (seat.rank() < hostRank()) {
      current.end("rank " + seat.rank() + " is alive and comes first");
    } else {
      Seat earlier = current.add(seat, resume);
      if (earlier != null) {
        earlier.peer().finish();
      }
    }
  }

  /// Looks at the waiting ranks again after news about the world.
  void reconsider() {
    lock.lock();
    try {
      Reserve source = reserve;
      if (source == null) {
        return;
      }
      parked
          .keySet()
          .removeIf(seat -> {
            String verdict = source.verdictOn(seat.rank());
            if (verdict != null) {
              seat.evict(source.term(), verdict);
            }
            return verdict != null;
          });
    } finally {
      lock.unlock();
    }
  }

  /// Takes the place of the lost server: from now on ranks that come are taken in.
  ///
  /// @param timing how long to wait for them
  void takeOver(WorldSnapshot snapshot, Timing timing) {
    Muster next = new Muster(snapshot);
    lock.lock();
    try {
      if (phase != Phase.STANDBY) {
        return;
      }
      phase = Phase.MUSTERING;
      muster = next;
      Map<Seat, Resume> waiting = Map.copyOf(parked);
      parked.clear();
      waiting.forEach(this::keep);
    } finally {
      lock.unlock();
    }
    long deadline = System.nanoTime() + timing.musterNanos();
    Thread.ofPlatform()
        .daemon()
        .name("tutti-rendezvous-muster")
        .start(() -> new RollCall(next, snapshot, timing, reach).run(deadline, this::conclude));
  }

  private void conclude(Muster done) {
    Muster.Result result = null;
    Reserve source;
    lock.lock();
    try {
      source = reserve;
      muster = null;
      if (phase == Phase.CLOSED) {
        return;
      }
      if (done.ended() == null) {
        result = done.conclude();
        table = MemberTable.resume(result);
        phase = Phase.SERVING;
      } else {
        phase = Phase.STANDBY;
      }
    } finally {
      lock.unlock();
    }
    if (result == null) {
      done.dismiss(hostRank());
      return;
    }
    int term = result.term();
    result.evicted().forEach((seat, cause) -> seat.evict(term, cause));
    MemberTable serving = servingTable();
    if (serving != null) {
      serving.open(result.resumes());
    }
    if (source != null) {
      source.serving();
    }
  }

  int term() {
    lock.lock();
    try {
      if (table != null) {
        return table.term();
      }
      return reserve == null ? 0 : reserve.term();
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a connection has ended, in whatever way.
  void ended(Seat seat, Kind kind, String cause) {
    MemberTable serving;
    lock.lock();
    try {
      parked.remove(seat);
      if (muster != null) {
        muster.remove(seat);
      }
      serving = table;
    } finally {
      lock.unlock();
    }
    if (serving != null) {
      serving.lost(seat, kind, cause);
    }
  }

  /// Returns the table if the seat is one of it.
  @Nullable MemberTable tableOf(Seat seat) {
    MemberTable serving = servingTable();
    return serving != null && serving.isSeated(seat) ? serving : null;
  }

  /// Stops serving because the ranks have gone on without this one: only its own rank is told so,
  /// the others look for a new server.
  void resign(String cause) {
    MemberTable serving;
    lock.lock();
    try {
      if (phase == Phase.CLOSED) {
        return;
      }
      phase = Phase.CLOSED;
      serving = table;
    } finally {
      lock.unlock();
    }
    doorman.close();
    if (serving != null) {
      serving.resign(hostRank(), cause);
    }
  }

  /// Says goodbye to the ranks that are connected and stops. Idempotent.
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /// Waits at most `linger` until all ranks left or died, then says goodbye to the rest and stops.
  ///
  /// If this server belongs to a rank, one of the rest takes over; else they hear
  /// [MembershipListener#serverClosed()], which is no failure.
  public void close(Duration linger) {
    MemberTable serving = servingTable();
    if (serving != null) {
      awaitEmpty(serving, linger);
    }
    Phase before;
    lock.lock();
    try {
      before = phase;
      phase = Phase.CLOSED;
      parked.keySet().forEach(seat -> seat.peer().finish());
      parked.clear();
      if (muster != null) {
        muster.end("the rendezvous is closed");
      }
    } finally {
      lock.unlock();
    }
    doorman.close();
    if (before == Phase.SERVING && serving != null) {
      List<Seat> rest = serving.dismissAll(Frame.empty(FrameType.GOODBYE));
      if (!rest.isEmpty()) {
        // They answer a goodbye by closing; closing first could destroy it on its way.
        awaitEmpty(serving, GOODBYE_TIMEOUT);
        rest.forEach(seat -> seat.peer().close());
      }
    }
    sessions.close();
  }

  private static void awaitEmpty(MemberTable serving, Duration timeout) {
    try {
      serving.awaitEmpty(timeout);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // do not wait any longer
    }
  }
}
