package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// Lets authenticated connections in, and keeps strangers from being in the way.
///
/// A stranger gets 8 KiB and a few seconds. When too many connections are in the handshake at once,
/// the oldest half goes: a rank is through in a millisecond, so that those who only hold
/// connections hold up nobody. The oldest half goes also before strangers have the last file
/// descriptors of the process: a class that cannot be opened when it is first wanted can never be
/// used again. When the application itself has taken them all, one kept in reserve serves to say
/// so.
final class Doorman implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Doorman.class.getName());
  private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration GOODBYE_TIMEOUT = Duration.ofMillis(500);
  private static final int BACKLOG = 1024;
  private static final int MIN_PENDING = 256;
  private static final int SHED_MILLIS = 100;
  private static final int HELLO_BYTES = 49;
  private static final long SHED_PAUSE_NANOS = 20_000_000;
  private static final long GRACE_NANOS = 20_000_000; // for who has just come and may be a rank
  private static final int SPARE_DESCRIPTORS = 4; // few threads open a file at the same time

  // Made in advance: loading a class may take a descriptor, too.
  private static final byte[] SHORT_OF_RESOURCES = shortOfResources();

  private final ServerSocket listener;
  private final Secret secret;
  private final IntSupplier hostRank;
  private final Duration handshakeTimeout;
  private final IntSupplier expected;
  private final Reception reception;
  // Those in the handshake, oldest first, and when they came; guarded by itself.
  private final Map<FrameConnection, Long> pending = new LinkedHashMap<>();
  private final AtomicLong rejected = new AtomicLong();
  private volatile boolean closed;
  private @Nullable SocketChannel reserve; // used by the accepting thread only, as is the next
  private final List<SocketChannel> spare = new ArrayList<>();

  /// Where connections go that have passed the handshake.
  interface Reception {
    /// Converses until the connection ends.
    ///
    /// @param first the first frame after the handshake
    /// @param deadlineNanos by which all must be said that belongs to the first frame
    /// @throws RendezvousException if the connection is not wanted; the peer is told
    void receive(FrameConnection connection, Frame first, long deadlineNanos) throws IOException;
  }

  private Doorman(
      ServerSocket listener,
      Secret secret,
      IntSupplier hostRank,
      Duration handshakeTimeout,
      IntSupplier expected,
      Reception reception) {
    this.listener = listener;
    this.secret = secret;
    this.hostRank = hostRank;
    this.handshakeTimeout = handshakeTimeout;
    this.expected = expected;
    this.reception = reception;
  }

  /// Listens.
  ///
  /// @param hostRank returns the rank in whose process this is, or -1
  /// @param expected how many ranks may come at once
  /// @throws RendezvousException AUTHENTICATION if `bind` can be reached from other hosts and there
  ///   is no secret; CONNECTION if the address cannot be bound
  static Doorman start(
      InetSocketAddress bind,
      Secret secret,
      IntSupplier hostRank,
      Duration handshakeTimeout,
      IntSupplier expected,
      Reception reception) {
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
    Doorman doorman =
        new Doorman(listen(bind), secret, hostRank, handshakeTimeout, expected, reception);
    doorman.keepReserve();
    // Java's cryptography opens files at its first use, and never works if it cannot.
    secret.proof("first use", Secret.randomBytes(1));
    Thread.ofPlatform().daemon().name("tutti-rendezvous").start(doorman::acceptLoop);
    return doorman;
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

  InetAddress address() {
    return listener.getInetAddress();
  }

  int port() {
    return listener.getLocalPort();
  }

  long rejected() {
    return rejected.get();
  }

  boolean isClosed() {
    return closed;
  }

  private void acceptLoop() {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        keepSpare();
        serveLater(socket);
      } catch (IOException _) {
        if (!closed) {
          shed();
        }
      }
    }
    closeQuietly(reserve);
    dropSpare();
  }

  private void serveLater(Socket socket) throws IOException {
    FrameConnection connection;
    try {
      connection =
          FrameConnection.over(
              socket, Thread.ofPlatform().daemon().name("tutti-rendezvous-writer").factory());
    } catch (IOException e) {
      reject("a connection broke before it joined", e);
      closeQuietly(socket);
      return;
    }
    // Not later, in its own thread: until then there would be nobody to make way for others.
    enter(connection);
    try {
      Thread.ofPlatform().daemon().name("tutti-rendezvous-session").start(() -> serve(connection));
    } catch (OutOfMemoryError e) {
      leave(connection);
      connection.close(); // the peer tries again
      throw new IOException("no thread for another connection", e);
    }
  }

  private void serve(FrameConnection connection) {
    try (connection) {
      long deadline = System.nanoTime() + handshakeTimeout.toNanos();
      try {
        Frame first;
        try {
          connection.secureIfAsked(deadline);
          Handshake.asServer(connection, secret, hostRank.getAsInt(), deadline);
          // Who knows the secret is no stranger, only slow: 64 JVMs that start on two cores are.
          deadline = System.nanoTime() + JOIN_TIMEOUT.toNanos();
          first = connection.readBefore(Frame.MAX_BYTES, deadline);
        } finally {
          leave(connection);
        }
        reception.receive(connection, first, deadline);
      } catch (RendezvousException e) {
        reject("turned away " + connection.remote(), e);
        connection.send(Handshake.reject(e));
        connection.flush(GOODBYE_TIMEOUT);
      } catch (IOException e) {
        reject("closed the connection of a stranger at " + connection.remote(), e);
      }
    }
  }

  private void enter(FrameConnection connection) {
    boolean crowded;
    synchronized (pending) {
      pending.put(connection, System.nanoTime());
      crowded = pending.size() > Math.max(MIN_PENDING, 2 * expected.getAsInt());
    }
    if (crowded) {
      evictOldest(0);
    }
    if (closed) {
      connection.close();
    }
  }

  private void leave(FrameConnection connection) {
    synchronized (pending) {
      pending.remove(connection);
    }
  }

  private void reject(String what, Exception e) {
    rejected.incrementAndGet();
    if (!closed) {
      LOGGER.log(Level.DEBUG, () -> what + ": " + e.getMessage());
    }
  }

  /// Makes room as long as the next stranger could take the last descriptor. Until there is some,
  /// others may have those kept spare.
  private void keepSpare() {
    while (!closed && !hasRoom() && isAnyPending()) {
      dropSpare();
      evictOldest(GRACE_NANOS);
      LockSupport.parkNanos(SHED_PAUSE_NANOS); // those who read close their descriptors themselves
    }
  }

  private boolean isAnyPending() {
    synchronized (pending) {
      return !pending.isEmpty();
    }
  }

  /// Returns whether there is a descriptor left beside those kept spare.
  private boolean hasRoom() {
    try {
      while (spare.size() < SPARE_DESCRIPTORS) {
        spare.add(SocketChannel.open());
      }
      SocketChannel.open().close();
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private void dropSpare() {
    spare.forEach(Doorman::closeQuietly);
    spare.clear();
  }

  /// Handles that there is no descriptor for the next connection.
  ///
  /// Nothing is logged: that may take a descriptor itself, and fail for good where it is the first.
  private void shed() {
    if (!evictOldest(GRACE_NANOS)) {
      answerWithReserve();
    }
    LockSupport.parkNanos(SHED_PAUSE_NANOS);
  }

  /// Makes room at the cost of those who are in the handshake for longest; false if nobody has been
  /// in it for `graceNanos`.
  private boolean evictOldest(long graceNanos) {
    long now = System.nanoTime();
    List<FrameConnection> oldest;
    synchronized (pending) {
      oldest =
          pending.entrySet().stream()
              .limit((pending.size() + 1) / 2)
              .filter(entry -> now - entry.getValue() >= graceNanos)
              .map(Map.Entry::getKey)
              .toList();
      oldest.forEach(pending::remove);
    }
    oldest.forEach(connection -> connection.close("made way for others that want to enter"));
    return !oldest.isEmpty();
  }

  /// Gets the next connection out of the queue with the reserved descriptor, and tells it to come
  /// again later: left there it would keep the accepting thread busy.
  private void answerWithReserve() {
    closeQuietly(reserve);
    try {
      listener.setSoTimeout(SHED_MILLIS);
      try (Socket socket = listener.accept()) {
        rejected.incrementAndGet();
        socket.setSoTimeout(SHED_MILLIS);
        readHello(socket);
        socket.getOutputStream().write(SHORT_OF_RESOURCES);
      } finally {
        listener.setSoTimeout(0);
      }
    } catch (IOException _) {
      // Nobody in the queue, or another thread took the descriptor: there will be a next time.
    }
    keepReserve();
  }

  // Unread bytes would turn the close into a reset, which destroys the answer on its way.
  private static void readHello(Socket socket) throws IOException {
    try {
      socket.getInputStream().readNBytes(HELLO_BYTES);
    } catch (SocketTimeoutException _) {
      // It has sent nothing or too little.
    }
  }

  private static byte[] shortOfResources() {
    Frame answer =
        Handshake.reject(
            new RendezvousException(
                Kind.CONNECTION, "the rendezvous has no file descriptors left; try again"));
    return new Frame.Writer()
        .putInt(1 + answer.payload().length)
        .putByte(answer.type().code())
        .putRaw(answer.payload())
        .toBytes();
  }

  private void keepReserve() {
    try {
      reserve = SocketChannel.open();
    } catch (IOException _) {
      reserve = null; // none left just now
    }
  }

  /// Stops listening; connections in the handshake end.
  @Override
  public void close() {
    closed = true;
    closeQuietly(listener);
    Set<FrameConnection> rest;
    synchronized (pending) {
      rest = Set.copyOf(pending.keySet());
    }
    rest.forEach(FrameConnection::close);
  }

  // Not that of another class, which may have to be loaded when there is no descriptor to do so.
  private static void closeQuietly(@Nullable AutoCloseable closeable) {
    if (closeable == null) {
      return;
    }
    try {
      closeable.close();
    } catch (Exception _) {
      // It is given up anyhow.
    }
  }
}
