package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Where the ranks of one job meet.
///
/// It collects the cards of all ranks, hands them out, and afterwards tells every rank when another
/// is gone. One server serves one world, once: a rank that left or died cannot come back.
///
/// Threads: a virtual one that accepts, and two per connection. They are daemons. A connection that
/// sends anything wrong is closed, alone. All methods may be called by any thread.
public final class RendezvousServer implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(RendezvousServer.class.getName());
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration GOODBYE_TIMEOUT = Duration.ofMillis(500);
  private static final int BACKLOG = 1024;
  private static final int MIN_PENDING = 256;

  private final ServerSocket listener;
  private final int worldSize;
  private final Secret secret;
  private final int servingRank;
  private final Duration handshakeTimeout;
  private final MemberTable members;
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();

  private RendezvousServer(
      ServerSocket listener,
      int worldSize,
      Secret secret,
      int servingRank,
      Duration handshakeTimeout) {
    this.listener = listener;
    this.worldSize = worldSize;
    this.secret = secret;
    this.servingRank = servingRank;
    this.handshakeTimeout = handshakeTimeout;
    this.members = new MemberTable(worldSize);
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
    InetAddress address = bind.getAddress();
    if (address == null) {
      throw new RendezvousException(
          Kind.CONNECTION, "cannot serve at " + bind + ": the host name is unknown");
    }
    if (secret.isNone() && !address.isLoopbackAddress()) {
      throw new RendezvousException(
          Kind.AUTHENTICATION,
          "refused to listen on "
              + bind
              + " without a secret: other hosts can reach it. Set TUTTI_SECRET or"
              + " TUTTI_SECRET_FILE on every rank, or use a loopback address");
    }
    RendezvousServer server =
        new RendezvousServer(listen(bind), worldSize, secret, servingRank, handshakeTimeout);
    Thread.ofVirtual().name("tutti-rendezvous").start(server::acceptLoop);
    return server;
  }

  private static ServerSocket listen(InetSocketAddress bind) {
    ServerSocket listener = null;
    try {
      listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(bind, BACKLOG);
      return listener;
    } catch (IOException e) {
      closeQuietly(listener);
      throw new RendezvousException(
          Kind.CONNECTION, "cannot serve the rendezvous at " + bind + ": " + e.getMessage(), e);
    }
  }

  /// Returns the address for [Membership#join]: `tcp://host:port`.
  public URI uri() {
    InetAddress address = listener.getInetAddress();
    if (address.isAnyLocalAddress()) {
      address = HostAddresses.reachable().getFirst();
    }
    return HostAddresses.uri(address, port());
  }

  /// Returns the port it listens on.
  public int port() {
    return listener.getLocalPort();
  }

  /// Returns how many ranks are connected now.
  public int joined() {
    return members.joined();
  }

  /// Returns how many connections were turned away: strangers, wrong secrets, ranks not wanted.
  public long rejected() {
    return rejected.get();
  }

  /// Tells the ranks that the process of `rank` ended before it joined: they need not wait for it.
  ///
  /// For launchers. Nothing happens if the rank has joined: then its connection tells.
  public void reportExit(int rank, String cause) {
    if (rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException("rank " + rank + " is not in 0.." + (worldSize - 1));
    }
    members.failedBeforeJoining(rank, cause);
  }

  private void acceptLoop() {
    while (!closed.get()) {
      try {
        Socket socket = listener.accept();
        if (pending.incrementAndGet() > Math.max(MIN_PENDING, 2 * worldSize)) {
          pending.decrementAndGet();
          socket.close(); // too many strangers at once; a rank tries again
          continue;
        }
        Thread.ofVirtual().name("tutti-rendezvous-session").start(() -> serve(socket));
      } catch (IOException e) {
        if (!closed.get()) {
          LOGGER.log(Level.WARNING, "the rendezvous could not accept a connection", e);
          Thread.yield();
        }
      }
    }
  }

  private void serve(Socket socket) {
    int rank = -1;
    try (FrameConnection connection =
        FrameConnection.over(
            socket, Thread.ofVirtual().name("tutti-rendezvous-writer").factory())) {
      try {
        rank = admit(connection);
      } finally {
        pending.decrementAndGet();
      }
      if (rank >= 0) {
        converse(rank, connection);
      }
    } catch (IOException e) {
      reject("a connection broke before it joined", e);
    }
  }

  /// Runs the handshake and admits the rank.
  ///
  /// @return the rank, or -1 if the connection was turned away
  private int admit(FrameConnection connection) {
    long deadline = System.nanoTime() + handshakeTimeout.toNanos();
    try {
      Handshake.asServer(connection, secret, servingRank, deadline);
      // Who knows the secret is no stranger, only slow: 64 JVMs that start on two cores are.
      long patience = System.nanoTime() + JOIN_TIMEOUT.toNanos();
      Frame.Reader join = connection.readBefore(Frame.MAX_BYTES, patience).open(FrameType.JOIN);
      int rank = join.getInt();
      int claimedWorldSize = join.getInt();
      byte[] card = join.getBytes();
      join.end();
      members.join(rank, claimedWorldSize, card, connection);
      return rank;
    } catch (RendezvousException e) {
      reject("turned away " + connection.remote(), e);
      connection.send(Handshake.reject(e));
      connection.flush(GOODBYE_TIMEOUT);
    } catch (IOException e) {
      reject("closed the connection of a stranger at " + connection.remote(), e);
    }
    return -1;
  }

  private void converse(int rank, FrameConnection connection) {
    try {
      while (handle(rank, connection.read(), connection)) {
        // handle does the work
      }
    } catch (WireFault e) {
      members.failed(rank, Kind.PROTOCOL, "broke the control protocol: " + e.getMessage());
    } catch (EOFException _) {
      members.failed(rank, Kind.CONNECTION, "connection closed (process exited?)");
    } catch (IOException e) {
      members.failed(
          rank, Kind.CONNECTION, "connection lost (" + e.getMessage() + "; process killed?)");
    }
  }

  /// Handles one frame of a rank; false once it left.
  private boolean handle(int rank, Frame frame, FrameConnection connection) throws IOException {
    Frame.Reader reader = frame.open();
    switch (frame.type()) {
      case HEARTBEAT -> {}
      case GATHER -> {
        GatherKey key = GatherKey.read(reader, worldSize);
        byte[] contribution = reader.getBytes();
        reader.end();
        members.gather(rank, key, contribution);
      }
      case ABORT -> members.abort(rank, reader.getText());
      case GIVE_UP -> {
        members.failed(rank, Kind.TIMEOUT, reader.getText());
        return false;
      }
      case LEAVE -> {
        members.left(rank);
        connection.flush(GOODBYE_TIMEOUT);
        return false;
      }
      default -> throw new WireFault("a rank may not send " + frame.type());
    }
    return true;
  }

  private void reject(String what, Exception e) {
    rejected.incrementAndGet();
    if (!closed.get()) {
      LOGGER.log(Level.DEBUG, () -> what + ": " + e.getMessage());
    }
  }

  /// Says goodbye to the ranks that are connected and stops. Idempotent.
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /// Waits at most `linger` until all ranks left or died, then says goodbye to the rest and stops.
  ///
  /// The rest hears [MembershipListener#serverClosed()], which is no failure.
  public void close(Duration linger) {
    if (closed.get()) {
      return;
    }
    try {
      members.awaitEmpty(linger);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // close without lingering
    }
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    closeQuietly(listener);
    List<FrameConnection> rest = members.sayGoodbye();
    if (rest.isEmpty()) {
      return;
    }
    try {
      // They answer a goodbye by closing; closing first could destroy it on its way.
      members.awaitEmpty(GOODBYE_TIMEOUT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    rest.forEach(FrameConnection::close);
  }

  private static void closeQuietly(@Nullable ServerSocket socket) {
    if (socket == null) {
      return;
    }
    try {
      socket.close();
    } catch (IOException _) {
      // It is given up anyhow.
    }
  }
}
