package dev.tutti.transport.tcp;

import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Makes connections to other ranks, at first and again where one broke.
///
/// The rank that connected at first also connects again, so the two never cross. The other one
/// waits, and says that it misses the connection in case the first has not noticed. Either goes on
/// for [TcpOptions#reconnectTimeout], on a thread of its own, whatever the owner of the stream
/// does.
final class TcpMender {
  private static final System.Logger LOGGER = System.getLogger(TcpMender.class.getName());
  private static final String STEADY_CONTROL = "cubic";
  private static final long FIRST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long LONGEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long FIRST_RETURN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_RETURN_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int KEEPALIVE_IDLE_SECONDS = 2;
  private static final int KEEPALIVE_INTERVAL_SECONDS = 1;
  private static final int KEEPALIVE_PROBES = 3;

  private final TcpEndpoint endpoint;
  private final TcpOptions options;
  private final Secret secret;
  private final long world;
  private final int rank;
  private volatile List<InetAddress> local = List.of(); // of the rails, kept while they are down

  /// The other side has closed the communicator.
  static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    ClosedException() {
      super("it has closed the communicator");
    }
  }

  TcpMender(TcpEndpoint endpoint, TcpOptions options, Secret secret, long world, int rank) {
    this.endpoint = endpoint;
    this.options = options;
    this.secret = secret;
    this.world = world;
    this.rank = rank;
  }

  /// Connects a stream for the first time, at any of the peer's addresses. What fails is tried
  /// again for as long as a broken connection would be.
  ///
  /// @throws IOException if that failed at all of them; says why at each
  void connect(TcpLifeline lifeline, long deadlineNanos, Runnable check)
      throws IOException, InterruptedException {
    long lastStart = System.nanoTime() + options.reconnectTimeout().toNanos();
    for (long nap = FIRST_NAP_NANOS; ; nap = Math.min(2 * nap, LONGEST_NAP_NANOS)) {
      try {
        visit(lifeline, deadlineNanos, check, TcpHandshake.Purpose.CARRY);
        return;
      } catch (ClosedException e) {
        throw e;
      } catch (IOException e) {
        if (System.nanoTime() - Math.min(lastStart, deadlineNanos) >= 0) {
          throw e;
        }
      }
      check.run();
      lifeline.await(nap);
    }
  }

  /// Connects for another transport.
  ///
  /// @return the socket
  /// @throws IOException if that failed at all addresses; says why at each
  int control(StreamKey key, long deadlineNanos, Runnable check) throws IOException {
    TcpLifeline once = new TcpLifeline(key, lifeline -> {});
    visit(once, deadlineNanos, check, TcpHandshake.Purpose.CONTROL);
    TcpLifeline.Connection connection = once.newest();
    if (connection == null) {
      throw new IOException("not connected");
    }
    return connection.fd();
  }

  /// A way to a peer.
  ///
  /// @param from address of this host, null for any
  /// @param remote address of the peer
  /// @param preferred whether it is the one that the stream should take
  private record Way(@Nullable InetAddress from, InetSocketAddress remote, boolean preferred) {}

  /// Returns how many rails join this process with the addresses of a peer; 0 if it was told none.
  static int rails(TcpOptions options, List<InetSocketAddress> addresses) {
    return Math.min(options.interfaces().size(), addresses.size());
  }

  /// Returns the ways to a peer, best first: with rails, that of the stream and then the others;
  /// without, all addresses, beginning with another one for each stream.
  private List<Way> ways(StreamKey key) {
    List<InetSocketAddress> addresses = endpoint.addressesOf(key.peer());
    int rails = rails(options, addresses);
    boolean here = addresses.getFirst().getAddress().equals(InetAddress.getLoopbackAddress());
    List<Way> ways = new ArrayList<>();
    if (rails == 0 || here) {
      for (int i = 0; i < addresses.size(); i++) {
        ways.add(new Way(null, addresses.get((i + key.stream()) % addresses.size()), true));
      }
      return ways;
    }
    if (local.isEmpty()) {
      local = LocalAddresses.of(options.interfaces());
    }
    for (int i = 0; i < rails; i++) {
      int rail = (i + key.stream()) % rails;
      ways.add(new Way(local.get(rail), addresses.get(rail), i == 0));
    }
    return ways;
  }

  private void visit(
      TcpLifeline lifeline, long deadlineNanos, Runnable check, TcpHandshake.Purpose purpose)
      throws IOException {
    List<Way> ways = ways(lifeline.key());
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < ways.size(); i++) {
      Way way = ways.get(i);
      long left = deadlineNanos - System.nanoTime();
      long until = System.nanoTime() + left / (ways.size() - i);
      try {
        visit(lifeline, way, until, check, purpose);
        if (!way.preferred() && purpose == TcpHandshake.Purpose.CARRY) {
          returnLater(lifeline);
        }
        return;
      } catch (ClosedException e) {
        throw e;
      } catch (IOException e) {
        problems.add(way.remote() + ": " + e.getMessage());
      }
    }
    throw new IOException(String.join("; ", problems));
  }

  private void visit(
      TcpLifeline lifeline,
      Way way,
      long deadlineNanos,
      Runnable check,
      TcpHandshake.Purpose purpose)
      throws IOException {
    try (RawConnection connection =
        RawConnection.to(way.from(), way.remote(), deadlineNanos, check)) {
      visit(lifeline, connection, way, purpose);
    }
  }

  private void visit(
      TcpLifeline lifeline, RawConnection connection, Way way, TcpHandshake.Purpose purpose)
      throws IOException {
    boolean carries = purpose != TcpHandshake.Purpose.MISSING;
    StreamKey key = lifeline.key();
    int attempt = carries ? lifeline.nextAttempt() : lifeline.attempt();
    long received = carries ? lifeline.freeze() : 0;
    prepare(connection.fd(), way.remote().getAddress());
    if (options.tls()) {
      connection.secure(true);
    }
    TcpHandshake.Hello hello =
        new TcpHandshake.Hello(
            purpose,
            world,
            rank,
            key.peer(),
            key.communicator(),
            key.stream(),
            attempt,
            received,
            Sockets.localAddress(connection.fd()),
            way.remote());
    TcpHandshake.Answer answer = TcpHandshake.connect(connection, hello, secret);
    switch (answer.verdict()) {
      case CLOSED -> throw new ClosedException();
      case OUTDATED -> throw new IOException("it has a newer connection");
      case ACCEPTED -> {
        if (carries) {
          lifeline.add(
              new TcpLifeline.Connection(
                  connection.release(),
                  attempt,
                  received,
                  answer.received(),
                  answer.direct(),
                  way.preferred(),
                  connection.tls()));
        }
      }
    }
  }

  /// BBR sends at the pace it has measured, and what it measured before a pause, or on loopback, is
  /// too slow: between hosts of 1 Gbit/s an all-reduce of 1 MiB takes 19.5 ms with it, 14.4 ms with
  /// cubic. What else an administrator has chosen, DCTCP above all, is better than a guess.
  private static boolean isBbr(int fd) {
    return Sockets.congestionControl(fd).startsWith("bbr");
  }

  /// Sets the options of a socket that is going to carry a stream.
  ///
  /// Keep-alive finds a connection whose other end is gone without a word while nothing is sent;
  /// while something is, [TcpStream] looks at the acknowledgements. `TCP_USER_TIMEOUT` would do it
  /// too, but it also breaks the connection to a peer that does not receive for a while.
  void prepare(int fd, InetAddress peer) {
    Sockets.option(fd, LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_NODELAY, 1);
    Sockets.option(
        fd, LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
    Sockets.option(
        fd, LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS);
    Sockets.option(fd, LinuxConstants.IPPROTO_TCP, LinuxConstants.TCP_KEEPCNT, KEEPALIVE_PROBES);
    Sockets.option(fd, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_KEEPALIVE, 1);
    String control = options.congestionControl();
    if (control == null && (peer.isLoopbackAddress() || isBbr(fd))) {
      control = STEADY_CONTROL;
    }
    if (control != null && !Sockets.congestionControl(fd, control)) {
      String used = Sockets.congestionControl(fd);
      if (options.congestionControl() != null) {
        LOGGER.log(
            Level.WARNING, "this kernel does not allow {0} here; {1} is used", control, used);
      }
    }
  }

  /// Starts to re-establish a connection in the background.
  void mend(TcpLifeline lifeline) {
    boolean connects = endpoint.connects(lifeline.key());
    Thread.ofPlatform()
        .daemon()
        .name("tutti-tcp-mend-" + rank + "-" + lifeline.key().peer())
        .start(() -> mend(lifeline, connects));
  }

  private void mend(TcpLifeline lifeline, boolean connects) {
    long limit = options.reconnectTimeout().toNanos();
    long deadline = System.nanoTime() + limit;
    String problem = "it has not connected again";
    try {
      if (!connects) {
        lifeline.await(PATIENCE_NANOS);
      }
      for (long nap = FIRST_NAP_NANOS; lifeline.isMending(); nap = 2 * nap) {
        try {
          visit(
              lifeline,
              deadline,
              () -> checkMending(lifeline),
              connects ? TcpHandshake.Purpose.CARRY : TcpHandshake.Purpose.MISSING);
        } catch (ClosedException e) {
          lifeline.fail(String.valueOf(e.getMessage()));
          return;
        } catch (IOException | RuntimeException e) {
          problem = String.valueOf(e.getMessage());
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          lifeline.fail("not re-established within " + limit / 1_000_000 + " ms: " + problem);
          return;
        }
        if (lifeline.isMending()) {
          lifeline.await(Math.min(left, Math.min(nap, LONGEST_NAP_NANOS)));
        }
      }
    } catch (InterruptedException _) {
      lifeline.fail("interrupted");
    }
  }

  /// Goes back to the rail of a stream as soon as that works again; the stream stays where it is
  /// until then.
  private void returnLater(TcpLifeline lifeline) {
    if (lifeline.beginReturn()) {
      Thread.ofPlatform()
          .daemon()
          .name("tutti-tcp-return-" + rank + "-" + lifeline.key().peer())
          .start(() -> returnToRail(lifeline));
    }
  }

  private void returnToRail(TcpLifeline lifeline) {
    try {
      long nap = FIRST_RETURN_NANOS;
      while (lifeline.isAstray()) {
        lifeline.await(nap);
        nap = Math.min(2 * nap, LONGEST_RETURN_NANOS);
        if (!lifeline.isMending() && lifeline.isAstray()) {
          tryRail(lifeline);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void tryRail(TcpLifeline lifeline) {
    try {
      Way way = ways(lifeline.key()).getFirst();
      long deadline = System.nanoTime() + FIRST_RETURN_NANOS;
      Runnable check =
          () -> {
            if (!lifeline.isAstray()) {
              throw new IllegalStateException("no longer wanted");
            }
          };
      visit(lifeline, way, deadline, check, TcpHandshake.Purpose.CARRY);
    } catch (IOException | RuntimeException e) {
      LOGGER.log(Level.DEBUG, "a rail is still down: {0}", String.valueOf(e.getMessage()));
    }
  }

  private static void checkMending(TcpLifeline lifeline) {
    if (!lifeline.isMending()) {
      throw new IllegalStateException("no longer wanted");
    }
  }
}
