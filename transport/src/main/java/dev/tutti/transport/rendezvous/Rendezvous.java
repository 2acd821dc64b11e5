package dev.tutti.transport.rendezvous;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/// Joins a world by URL, serving the rendezvous from rank 0 where no launcher does.
///
/// | URL | meaning |
/// |---|---|
/// | `tcp://host:port` | the launcher or rank 0 listens there |
/// | `file:///directory?job=name` | rank 0 listens on a free port and publishes it in that directory |
public final class Rendezvous {
  /// How long rank 0 stays to serve ranks that have not left yet when it leaves.
  private static final Duration LINGER = Duration.ofSeconds(5);

  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);

  private Rendezvous() {}

  /// Joins the world a launcher described.
  ///
  /// @throws RendezvousException as [Membership#join], and as [RendezvousServer#start] on rank 0
  public static Membership join(LaunchEnvironment environment, byte[] card, Duration timeout) {
    if (environment.server() == LaunchEnvironment.Server.LAUNCHER) {
      return Membership.join(
          environment.rendezvous(),
          environment.rank(),
          environment.size(),
          environment.secret(),
          card,
          timeout);
    }
    return joinServingIfRankZero(
        environment.rendezvous(),
        environment.rank(),
        environment.size(),
        environment.secret(),
        card,
        timeout);
  }

  /// Joins the world at `rendezvous`; rank 0 serves it from its own process.
  ///
  /// When rank 0 leaves, it stays until the others have left or died, at most 5 s, then says
  /// goodbye: those still there hear [MembershipListener#serverClosed()]. If it dies, they hear
  /// [MembershipListener#rankFailed] for rank 0 and [MembershipListener#serverLost].
  ///
  /// @throws RendezvousException as [Membership#join], and as [RendezvousServer#start] on rank 0
  public static Membership joinServingIfRankZero(
      URI rendezvous, int rank, int worldSize, Secret secret, byte[] card, Duration timeout) {
    return joinServingIfRankZero(rendezvous, rank, worldSize, secret, card, timeout, LINGER);
  }

  static Membership joinServingIfRankZero(
      URI rendezvous,
      int rank,
      int worldSize,
      Secret secret,
      byte[] card,
      Duration timeout,
      Duration linger) {
    RendezvousUri.check(rendezvous);
    if (rank != 0) {
      return Membership.join(rendezvous, rank, worldSize, secret, card, timeout);
    }
    Served served = serve(rendezvous, worldSize, secret, linger);
    try {
      Membership membership =
          Membership.join(served.server.uri(), rank, worldSize, secret, card, timeout);
      membership.adopt(served);
      return membership;
    } catch (RuntimeException e) {
      served.abandon();
      throw e;
    }
  }

  private static Served serve(URI rendezvous, int worldSize, Secret secret, Duration linger) {
    if (!RendezvousUri.isFile(rendezvous)) {
      InetSocketAddress bind = RendezvousUri.address(rendezvous);
      return new Served(start(bind, worldSize, secret), () -> {}, linger);
    }
    RendezvousFile file = RendezvousFile.of(rendezvous);
    // Without a secret nobody outside this host may reach it.
    InetSocketAddress bind =
        secret.isNone()
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
            : new InetSocketAddress(0);
    RendezvousServer server = start(bind, worldSize, secret);
    List<URI> addresses =
        secret.isNone()
            ? List.of(server.uri())
            : HostAddresses.reachable().stream()
                .map(address -> HostAddresses.uri(address, server.port()))
                .toList();
    try {
      file.publish(addresses);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return new Served(server, () -> file.withdraw(addresses), linger);
  }

  private static RendezvousServer start(InetSocketAddress bind, int worldSize, Secret secret) {
    return RendezvousServer.start(bind, worldSize, secret, 0, HANDSHAKE_TIMEOUT);
  }

  /// A server inside rank 0, and what is to be undone with it.
  private record Served(RendezvousServer server, Runnable withdraw, Duration linger)
      implements AutoCloseable {
    @Override
    public void close() {
      try {
        server.close(linger);
      } finally {
        withdraw.run();
      }
    }

    void abandon() {
      try {
        server.close();
      } finally {
        withdraw.run();
      }
    }
  }
}
