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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Where one rank takes connections of the others, and how it reaches them: one per rank and world.
///
/// A thread accepts; each connection is authenticated on a thread of its own before anything is
/// kept of it, and waits here until the communicator it is for asks. Without a secret only the
/// loopback address is listened on. All methods may be called by any thread.
public final class TcpEndpoint implements NetworkEndpoint {
  private static final System.Logger LOGGER = System.getLogger(TcpEndpoint.class.getName());
  private static final int BACKLOG = 1024;
  private static final int MAX_PENDING = 128;
  private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int NAP_MILLIS = 100;
  private static final String LOOPBACK_CONTROL = "cubic";

  private final TcpOptions options;
  private final Secret secret;
  private final long world;
  private final int rank;
  private final int listener;
  private final int port;
  private final boolean loopbackOnly;
  private final Thread acceptor;
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong rejected = new AtomicLong();
  private volatile List<List<InetSocketAddress>> peers = List.of(); // by world rank

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  // Guarded by lock.
  private final Map<StreamKey, Integer> waiting = new HashMap<>();
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
    return new TcpNetwork(this, communicator, members, index, lanes, check);
  }

  /// Opens a connection to a peer that another transport uses beside its own.
  ///
  /// @param communicator id of the communicator, for which there is no [#network]
  /// @param peer world rank
  /// @param check called now and then while waiting; throws to give up
  /// @throws NetworkException if the peer cannot be reached in time
  public ControlConnection control(long communicator, int peer, Waiter.Check check) {
    return new ControlConnection(connect(new StreamKey(communicator, peer, 0), check));
  }

  /// Returns the connection that a peer has opened by [#control], null if it has not yet.
  public @Nullable ControlConnection arrivedControl(long communicator, int peer) {
    lock.lock();
    try {
      Integer fd = waiting.remove(new StreamKey(communicator, peer, 0));
      return fd == null ? null : new ControlConnection(fd);
    } finally {
      lock.unlock();
    }
  }

  /// Connects to a peer.
  ///
  /// @return the socket
  int connect(StreamKey key, Waiter.Check check) {
    long deadline = System.nanoTime() + options.connectTimeout().toNanos();
    List<InetSocketAddress> addresses = peers.get(key.peer());
    TcpHandshake.Hello hello =
        new TcpHandshake.Hello(world, rank, key.peer(), key.communicator(), key.stream());
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      InetSocketAddress address = addresses.get((i + key.stream()) % addresses.size());
      long left = deadline - System.nanoTime();
      long until = System.nanoTime() + left / (addresses.size() - i);
      try (RawConnection connection = RawConnection.to(address, until, check::run)) {
        prepare(connection.fd(), address.getAddress());
        TcpHandshake.connect(connection, hello, secret);
        return connection.release();
      } catch (IOException e) {
        problems.add(address + ": " + e.getMessage());
      }
    }
    throw new NetworkException(
        key.peer(), "rank " + key.peer() + " cannot be reached: " + String.join("; ", problems));
  }

  private void prepare(int fd, InetAddress peer) {
    Sockets.option(fd, LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_NODELAY, 1);
    String control = options.congestionControl();
    if (control == null && peer.isLoopbackAddress()) {
      control = LOOPBACK_CONTROL;
    }
    if (control != null && !Sockets.congestionControl(fd, control)) {
      String used = Sockets.congestionControl(fd);
      if (options.congestionControl() != null) {
        LOGGER.log(
            Level.WARNING, "this kernel does not allow {0} here; {1} is used", control, used);
      }
    }
  }

  /// Waits until a peer has connected.
  ///
  /// @return the socket
  int awaitConnection(StreamKey key, Waiter.Check check) {
    long deadline = System.nanoTime() + options.connectTimeout().toNanos();
    lock.lock();
    try {
      while (true) {
        Integer fd = waiting.remove(key);
        if (fd != null) {
          return fd;
        }
        check.run();
        if (System.nanoTime() > deadline || closed) {
          throw new NetworkException(
              key.peer(),
              "rank "
                  + key.peer()
                  + " has not connected within "
                  + options.connectTimeout().toSeconds()
                  + " s");
        }
        boolean _ = arrived.await(NAP_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new NetworkException(key.peer(), "interrupted while waiting for rank " + key.peer());
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
        int fd = Sockets.accept(listener);
        if (fd >= 0) {
          admit(fd);
        } else if (fd != -Errno.EAGAIN && fd != -Errno.EINTR && !isClosed()) {
          LOGGER.log(Level.WARNING, "accepting a connection failed: {0}", Errno.name(-fd));
          int _ = Sockets.poll(table, 0, NAP_MILLIS); // out of descriptors, most likely
        }
      }
    } finally {
      Linux.close(listener);
    }
  }

  private void admit(int fd) {
    if (pending.incrementAndGet() > MAX_PENDING) {
      pending.decrementAndGet();
      rejected.incrementAndGet();
      Linux.close(fd); // too many strangers at once; a rank tries again
      return;
    }
    Thread.ofPlatform()
        .daemon()
        .name("tutti-tcp-handshake-" + rank)
        .start(() -> {
          try {
            authenticate(fd);
          } finally {
            pending.decrementAndGet();
          }
        });
  }

  private void authenticate(int fd) {
    long deadline = System.nanoTime() + HANDSHAKE_NANOS;
    try (RawConnection connection = new RawConnection(fd, deadline, this::checkOpen)) {
      prepare(fd, Sockets.localAddress(fd).getAddress());
      TcpHandshake.Hello hello = TcpHandshake.accept(connection, world, rank, secret);
      StreamKey key = new StreamKey(hello.communicator(), hello.from(), hello.stream());
      deliver(key, connection.release());
    } catch (IOException | RuntimeException e) {
      rejected.incrementAndGet();
      LOGGER.log(Level.DEBUG, "turned a connection away: {0}", String.valueOf(e.getMessage()));
    }
  }

  private void checkOpen() {
    if (isClosed()) {
      throw new IllegalStateException("closed");
    }
  }

  private void deliver(StreamKey key, int fd) {
    lock.lock();
    try {
      Integer older = closed ? Integer.valueOf(fd) : waiting.put(key, fd);
      if (older != null) {
        Linux.close(older);
      }
      arrived.signalAll();
    } finally {
      lock.unlock();
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
      waiting.values().forEach(Linux::close);
      waiting.clear();
      arrived.signalAll();
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
