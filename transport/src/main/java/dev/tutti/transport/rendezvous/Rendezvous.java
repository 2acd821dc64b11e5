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
/// | `file:///directory?job=name` | rank 0 listens on a free port and publishes it in that directory; without a secret on the loopback address only, and with one it makes |
public final class Rendezvous {
  /// How long rank 0 stays to serve ranks that have not left yet when it leaves.
  private static final Duration LINGER = Duration.ofSeconds(5);

  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);

  private Rendezvous() {}

  /// Joins the world a launcher described.
  ///
  /// @throws RendezvousException as [Membership#join], and as [RendezvousServer#start] on rank 0;
  ///   AUTHENTICATION if other hosts can reach the meeting point and there is no secret
  public static Membership join(LaunchEnvironment environment, byte[] card, Duration timeout) {
    requireSecret(environment);
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

  /// Rank 0 would refuse to listen; the others need not wait until they run out of time.
  private static void requireSecret(LaunchEnvironment environment) {
    URI rendezvous = environment.rendezvous();
    if (RendezvousUri.isFile(rendezvous) || !environment.secret().isNone()) {
      return;
    }
    InetAddress address = RendezvousUri.address(rendezvous).getAddress();
    boolean spread = environment.localSize() != -1 && environment.localSize() != environment.size();
    if (spread || (address != null && !address.isLoopbackAddress())) {
      throw new RendezvousException(
          RendezvousException.Kind.AUTHENTICATION,
          "the ranks meet at "
              + rendezvous
              + ", where other hosts can reach them, and there is no secret. "
              + environment.secretAdvice()
              + " A secret is at least 32 hexadecimal digits, for example: openssl rand -hex 32");
    }
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
          Membership.join(served.server.uri(), rank, worldSize, served.secret, card, timeout);
      served.met.run();
      membership.adopt(served);
      return membership;
    } catch (RuntimeException e) {
      served.abandon();
      throw e;
    }
  }

  private static Served serve(URI rendezvous, int worldSize, Secret secret, Duration linger) {
    if (!RendezvousUri.isFile(rendezvous)) {
      InetSocketAddress bind = RendezvousUri.bindAddress(rendezvous, secret);
      return new Served(start(bind, worldSize, secret), secret, linger, () -> {}, () -> {});
    }
    RendezvousFile file = RendezvousFile.of(rendezvous);
    // A secret that only the file holds keeps other users out. It does not open this host to
    // others:
    // who can read files on a share is less certain than who got the launcher's environment.
    boolean own = secret.isNone();
    Secret used = own ? Secret.random() : secret;
    InetSocketAddress bind =
        own ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0) : new InetSocketAddress(0);
    RendezvousServer server = start(bind, worldSize, used);
    List<URI> addresses =
        own
            ? List.of(server.uri())
            : HostAddresses.reachable().stream()
                .map(address -> HostAddresses.uri(address, server.port()))
                .toList();
    try {
      file.publish(addresses, own ? used : Secret.none());
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    Runnable withdraw = () -> file.withdraw(addresses);
    // A launcher's job meets once: nothing of it stays behind, even if it is killed later.
    return new Served(server, used, linger, file.isPrivate() ? withdraw : () -> {}, withdraw);
  }

  private static RendezvousServer start(InetSocketAddress bind, int worldSize, Secret secret) {
    return RendezvousServer.start(bind, worldSize, secret, 0, HANDSHAKE_TIMEOUT);
  }

  /// A server inside rank 0, what is to be done when all ranks have met, and what with its end.
  private record Served(
      RendezvousServer server, Secret secret, Duration linger, Runnable met, Runnable withdraw)
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
