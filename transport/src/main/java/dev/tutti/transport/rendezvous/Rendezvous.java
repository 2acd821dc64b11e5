package dev.tutti.transport.rendezvous;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;

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

  /// Returns `uri` if it is a rendezvous URL.
  ///
  /// @throws IllegalArgumentException if not, saying what is expected
  public static URI check(URI uri) {
    return RendezvousUri.check(uri);
  }

  /// Joins with [MembershipOptions#defaults()]; see [#join(LaunchEnvironment, byte\[\], Duration,
  /// MembershipOptions)].
  public static Membership join(LaunchEnvironment environment, byte[] card, Duration timeout) {
    return join(environment, card, timeout, MembershipOptions.defaults());
  }

  /// Joins the world a launcher described.
  ///
  /// @throws RendezvousException as [Membership#join], and as [RendezvousServer#start] on rank 0;
  ///   AUTHENTICATION if other hosts can reach the meeting point and there is no secret
  public static Membership join(
      LaunchEnvironment environment, byte[] card, Duration timeout, MembershipOptions options) {
    requireSecret(environment);
    if (environment.server() == LaunchEnvironment.Server.LAUNCHER) {
      return Membership.join(
          environment.rendezvous(),
          environment.rank(),
          environment.size(),
          environment.secret(),
          card,
          timeout,
          options);
    }
    return joinServingIfRankZero(
        environment.rendezvous(),
        environment.rank(),
        environment.size(),
        environment.secret(),
        card,
        timeout,
        options);
  }

  /// Joins with [MembershipOptions#defaults()]; see [#joinServingIfRankZero(URI, int, int, Secret,
  /// byte\[\], Duration, MembershipOptions)].
  public static Membership joinServingIfRankZero(
      URI rendezvous, int rank, int worldSize, Secret secret, byte[] card, Duration timeout) {
    return joinServingIfRankZero(
        rendezvous, rank, worldSize, secret, card, timeout, MembershipOptions.defaults());
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
  /// When rank 0 leaves, it stays until the others have left or died, at most 5 s; then the lowest
  /// rank still there takes over. If it dies, they hear [MembershipListener#rankFailed] for rank 0,
  /// and the lowest survivor takes over. Those still there hear [MembershipListener#serverMoved].
  ///
  /// @throws RendezvousException as [Membership#join], and as [RendezvousServer#start] on rank 0
  public static Membership joinServingIfRankZero(
      URI rendezvous,
      int rank,
      int worldSize,
      Secret secret,
      byte[] card,
      Duration timeout,
      MembershipOptions options) {
    return joinServingIfRankZero(
        rendezvous, rank, worldSize, secret, card, timeout, options, LINGER);
  }

  static Membership joinServingIfRankZero(
      URI rendezvous,
      int rank,
      int worldSize,
      Secret secret,
      byte[] card,
      Duration timeout,
      MembershipOptions options,
      Duration linger) {
    if (rank != 0) {
      return Membership.join(rendezvous, rank, worldSize, secret, card, timeout, options);
    }
    // A secret that only the file holds keeps other users out. It does not open this host to
    // others: who can read files on a share is less certain than who got the environment.
    boolean own = RendezvousUri.isFile(rendezvous) && secret.isNone();
    Secret used = own ? Secret.random() : secret;
    Joining joining = new Joining(rendezvous, used, card, timeout, options);
    RendezvousServer server =
        RendezvousServer.start(bind(rendezvous, secret), worldSize, used, 0, HANDSHAKE_TIMEOUT);
    return joining.join(
        rank, worldSize, new Joining.Served(server, own ? used : Secret.none(), linger));
  }

  private static InetSocketAddress bind(URI rendezvous, Secret secret) {
    if (!RendezvousUri.isFile(rendezvous)) {
      return RendezvousUri.bindAddress(rendezvous, secret);
    }
    return secret.isNone()
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
        : new InetSocketAddress(0);
  }
}
