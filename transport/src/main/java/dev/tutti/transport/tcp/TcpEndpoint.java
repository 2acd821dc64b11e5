package dev.tutti.transport.tcp;

import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.NetworkEndpoint;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.Waiter;
import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Where one rank takes connections of the others, and how it reaches them: one per rank and world.
///
/// A thread accepts; each connection is authenticated on a thread of its own before anything is
/// kept of it, and then belongs to the [TcpLifeline] of its stream, whatever the owner of that does
/// just now. Without a secret only the loopback address is listened on. All methods may be called
/// by any thread.
public final class TcpEndpoint implements NetworkEndpoint {
  private static final System.Logger LOGGER = System.getLogger(TcpEndpoint.class.getName());
  private static final int BACKLOG = 1024;
  private static final int MAX_PENDING = 128;
  private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int NAP_MILLIS = 100;

  private final TcpOptions options;
  private final Secret secret;
  private final long world;
  private final int rank;
  private final int listener;
  private final int port;
  private final boolean loopbackOnly;
  private final Thread acceptor;
  private final TcpMender mender;
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicLong damages = new AtomicLong();
  private volatile List<List<InetSocketAddress>> peers = List.of(); // by world rank

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by lock.
  private final Map<StreamKey, TcpLifeline> lifelines = new HashMap<>();
  private final Map<StreamKey, Integer> controls = new HashMap<>(); // sockets nobody has asked for
  private final Deque<Integer> strangers = new ArrayDeque<>(); // sockets in the handshake
  private final Set<Long> closedCommunicators = new HashSet<>();
  private boolean closed;

  private TcpEndpoint(
      TcpOptions options, Secret secret, long world, int rank, int listener, boolean loopbackOnly) {
    this.options = options;
    this.secret = secret;
    this.world = world;
    this.rank = rank;
    this.listener = listener;
    this.port = Sockets.localAddress(listener).getPort();
    this.loopbackOnly = loopbackOnly;
    this.mender = new TcpMender(this, options, secret, world, rank);
    this.acceptor =
        Thread.ofPlatform().daemon().name("tutti-tcp-accept-" + rank).unstarted(this::acceptLoop);
  }

  /// Starts to listen on a free port.
  ///
  /// @param secret of the job; without one only the loopback address is listened on
  /// @param world number that tells this job's world from others, the same on all its ranks
  /// @param rank this rank's number in the world
  /// @throws dev.tutti.bindings.NativeCallException if the port cannot be opened
  public static TcpEndpoint open(TcpOptions options, Secret secret, long world, int rank) {
    boolean loopbackOnly = secret.isNone();
    InetSocketAddress bind =
        loopbackOnly
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
            : new InetSocketAddress(LocalAddresses.any(), 0);
    int listener = Sockets.open(bind.getAddress());
    boolean done = false;
    try {
      Sockets.bind(listener, bind);
      Sockets.listen(listener, BACKLOG);
      TcpEndpoint endpoint = new TcpEndpoint(options, secret, world, rank, listener, loopbackOnly);
      endpoint.acceptor.start();
      done = true;
      return endpoint;
    } finally {
      if (!done) {
        Linux.close(listener);
      }
    }
  }

  @Override
  public String transport() {
    return "tcp";
  }

  TcpOptions options() {
    return options;
  }

  /// Returns where others may reach this rank, best first; the loopback address is the last one.
  ///
  /// @throws IllegalArgumentException if an interface of the options does not exist
  public List<InetSocketAddress> addresses() {
    List<InetSocketAddress> result = new ArrayList<>();
    if (!loopbackOnly) {
      for (InetAddress address : LocalAddresses.of(options.interfaces())) {
        result.add(new InetSocketAddress(address, port));
      }
    }
    result.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return result;
  }

  /// Says where the ranks of the world can be reached, by rank; for those of this host the loopback
  /// address should come first.
  public void peers(List<List<InetSocketAddress>> addresses) {
    peers = List.copyOf(addresses);
  }

  /// Returns how many connections were turned away.
  public long rejected() {
    return rejected.get();
  }

  /// Returns how many frames arrived damaged and were sent again; always 0 without a checksum.
  public long damages() {
    return damages.get();
  }

  void damaged() {
    long _ = damages.incrementAndGet();
  }

  /// Makes the network of a communicator; nothing is connected yet.
  ///
  /// @param communicator id of the communicator, the same on all members
  /// @param members world ranks of the members
  /// @param index this rank's place among them
  /// @param lanes number of lanes
  /// @param check called now and then while waiting for a connection; throws to give up
  @Override
  public TcpNetwork network(
      long communicator, int[] members, int index, int lanes, Waiter.Check check) {
    if (members[index] != rank) {
      throw new IllegalArgumentException(
          "member " + index + " is rank " + members[index] + ", this is rank " + rank);
    }
    return new TcpNetwork(this, communicator, members, lanes, check);
  }

  /// Opens a connection to a peer that another transport uses beside its own. It is not made again
  /// when it breaks.
  ///
  /// @param communicator id of the communicator, for which there is no [#network]
  /// @param peer world rank
  /// @param check called now and then while waiting; throws to give up
  /// @throws NetworkException if the peer cannot be reached in time
  public ControlConnection control(long communicator, int peer, Waiter.Check check) {
    long deadline = System.nanoTime() + options.connectTimeout().toNanos();
    try {
      return new ControlConnection(
          mender.control(new StreamKey(communicator, peer, 0), deadline, check::run));
    } catch (IOException e) {
      throw new NetworkException(peer, "rank " + peer + " cannot be reached: " + e.getMessage());
    }
  }

  /// Returns the connection that a peer has opened by [#control], null if it has not yet.
  public @Nullable ControlConnection arrivedControl(long communicator, int peer) {
    lock.lock();
    try {
      Integer fd = controls.remove(new StreamKey(communicator, peer, 0));
      return fd == null ? null : new ControlConnection(fd);
    } finally {
      lock.unlock();
    }
  }

  List<InetSocketAddress> addressesOf(int peer) {
    return peers.get(peer);
  }

  /// Returns how many rails join this process with a peer; 0 if it was told none.
  int railsTo(int peer) {
    return TcpMender.rails(options(), addressesOf(peer));
  }

  /// Returns whether this side makes the connections of a stream.
  boolean connects(StreamKey key) {
    return rank < key.peer();
  }

  /// Connects a stream, from this side or from the other.
  ///
  /// @param member number of the peer in the communicator, for errors
  TcpLifeline connect(StreamKey key, int member, Waiter.Check check) {
    long deadline = System.nanoTime() + options.connectTimeout().toNanos();
    TcpLifeline lifeline = lifeline(key);
    if (lifeline == null) {
      throw new NetworkException(member, "the communicator has been closed");
    }
    if (!connects(key)) {
      awaitConnection(lifeline, member, deadline, check);
      return lifeline;
    }
    try {
      mender.connect(lifeline, deadline, check::run);
    } catch (IOException e) {
      throw new NetworkException(
          member, "rank " + key.peer() + " cannot be reached: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NetworkException(member, "interrupted while connecting to rank " + key.peer());
    }
    return lifeline;
  }

  private void awaitConnection(
      TcpLifeline lifeline, int member, long deadline, Waiter.Check check) {
    int peer = lifeline.key().peer();
    try {
      while (!lifeline.awaitConnection(NAP_MILLIS)) {
        check.run();
        if (System.nanoTime() > deadline || isClosed()) {
          throw new NetworkException(
              member,
              "rank "
                  + peer
                  + " has not connected within "
                  + options.connectTimeout().toSeconds()
                  + " s");
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NetworkException(member, "interrupted while waiting for rank " + peer);
    }
  }

  /// Returns the lifeline of a stream, null if its communicator has been closed.
  @Nullable TcpLifeline lifeline(StreamKey key) {
    lock.lock();
    try {
      if (closed || closedCommunicators.contains(key.communicator())) {
        return null;
      }
      return lifelines.computeIfAbsent(key, k -> new TcpLifeline(k, mender::mend));
    } finally {
      lock.unlock();
    }
  }

  /// Returns the number of streams that are kept.
  int streams() {
    lock.lock();
    try {
      return lifelines.size();
    } finally {
      lock.unlock();
    }
  }

  /// Closes all connections of a communicator; the peers are told from now on that it is closed.
  void forget(long communicator) {
    lock.lock();
    try {
      closedCommunicators.add(communicator);
      lifelines
          .values()
          .removeIf(lifeline -> {
            boolean gone = lifeline.key().communicator() == communicator;
            if (gone) {
              lifeline.close();
            }
            return gone;
          });
    } finally {
      lock.unlock();
    }
  }

  private void acceptLoop() {
    try (Arena arena = Arena.ofConfined()) {
      long table = arena.allocate(Sockets.pollBytes(1), 8).address();
      while (!isClosed()) {
        Sockets.pollEntry(table, 0, listener, LinuxConstants.POLLIN);
        int _ = Sockets.poll(table, 1, NAP_MILLIS);
        Sockets.Accepted accepted = Sockets.accept(listener);
        int fd = accepted.fd();
        if (fd >= 0) {
          admit(accepted);
        } else if (fd != -Errno.EAGAIN && fd != -Errno.EINTR && !isClosed()) {
          LOGGER.log(Level.WARNING, "accepting a connection failed: {0}", Errno.name(-fd));
          int _ = Sockets.poll(table, 0, NAP_MILLIS); // out of descriptors, most likely
        }
      }
    } finally {
      Linux.close(listener);
    }
  }

  private void admit(Sockets.Accepted accepted) {
    makeRoomFor(accepted.fd());
    Thread.ofPlatform()
        .daemon()
        .name("tutti-tcp-handshake-" + rank)
        .start(() -> authenticate(accepted));
  }

  /// Lets one more into the handshake. If there are too many, the older half goes: a rank is
  /// through within milliseconds, whoever stays longer has nothing to say.
  private void makeRoomFor(int fd) {
    lock.lock();
    try {
      if (strangers.size() >= MAX_PENDING) {
        for (int i = 0; i < MAX_PENDING / 2; i++) {
          Sockets.shutdown(strangers.removeFirst()); // its thread closes it
        }
      }
      strangers.addLast(fd);
    } finally {
      lock.unlock();
    }
  }

  private void authenticate(Sockets.Accepted accepted) {
    long deadline = System.nanoTime() + HANDSHAKE_NANOS;
    int fd = accepted.fd();
    try (RawConnection connection = new RawConnection(fd, deadline, this::checkOpen)) {
      try {
        authenticate(connection, accepted.peer());
      } finally {
        leaveHandshake(fd);
      }
    } catch (IOException | RuntimeException e) {
      rejected.incrementAndGet();
      LOGGER.log(Level.DEBUG, "turned a connection away: {0}", String.valueOf(e.getMessage()));
    }
  }

  private void leaveHandshake(int fd) {
    lock.lock();
    try {
      strangers.remove(fd);
    } finally {
      lock.unlock();
    }
  }

  private void authenticate(RawConnection connection, InetSocketAddress peer) throws IOException {
    InetSocketAddress own = Sockets.localAddress(connection.fd());
    mender.prepare(connection.fd(), own.getAddress());
    if (options.tls()) {
      connection.secure(false);
    }
    TcpHandshake.Agreed agreed =
        TcpHandshake.accept(
            connection,
            world,
            rank,
            secret,
            request -> decide(request, request.isBetween(peer, own)));
    TcpHandshake.Request request = agreed.request();
    if (request.purpose() == TcpHandshake.Purpose.CONTROL) {
      keepControl(request.key(), connection.release());
      return;
    }
    TcpLifeline lifeline = lifeline(request.key());
    if (agreed.answer().verdict() == TcpHandshake.Verdict.ACCEPTED
        && request.purpose() == TcpHandshake.Purpose.CARRY
        && lifeline != null) {
      lifeline.add(
          new TcpLifeline.Connection(
              connection.release(),
              request.attempt(),
              agreed.answer().received(),
              request.received(),
              agreed.answer().direct(),
              true,
              connection.tls()));
    }
  }

  private void keepControl(StreamKey key, int fd) {
    lock.lock();
    try {
      Integer older = closed ? Integer.valueOf(fd) : controls.put(key, fd);
      if (older != null) {
        Linux.close(older);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Answers a rank of this job.
  private TcpHandshake.Answer decide(TcpHandshake.Request request, boolean direct) {
    if (request.purpose() == TcpHandshake.Purpose.CONTROL) {
      return new TcpHandshake.Answer(TcpHandshake.Verdict.ACCEPTED, direct, 0);
    }
    TcpLifeline lifeline = lifeline(request.key());
    if (lifeline == null) {
      return new TcpHandshake.Answer(TcpHandshake.Verdict.CLOSED, false, 0);
    }
    if (request.purpose() == TcpHandshake.Purpose.MISSING) {
      if (connects(request.key())) {
        lifeline.missedByPeer(request.attempt());
      }
      return new TcpHandshake.Answer(TcpHandshake.Verdict.ACCEPTED, direct, 0);
    }
    if (connects(request.key()) || !lifeline.admit(request.attempt())) {
      return new TcpHandshake.Answer(TcpHandshake.Verdict.OUTDATED, direct, 0);
    }
    return new TcpHandshake.Answer(TcpHandshake.Verdict.ACCEPTED, direct, lifeline.freeze());
  }

  private void checkOpen() {
    if (isClosed()) {
      throw new IllegalStateException("closed");
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /// Stops listening and closes the connections that nobody has asked for.
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      controls.values().forEach(Linux::close);
      controls.clear();
      lifelines.values().forEach(TcpLifeline::abandon);
      lifelines.clear();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (acceptor.isAlive()) {
      try {
        acceptor.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
