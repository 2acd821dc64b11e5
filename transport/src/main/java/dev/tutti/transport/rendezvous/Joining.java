package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.MembershipOptions.Takeover;
import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The way into a world: connection, a server in reserve, the cards of the others.
final class Joining {
  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final long RETRY_NANOS = 20_000_000;

  private final URI rendezvous;
  private final Secret secret;
  private final byte[] card;
  private final Duration timeout;
  private final MembershipOptions options;
  private final long deadlineNanos;

  /// A server that was started before its rank joins.
  ///
  /// @param server the server
  /// @param made the secret that the rendezvous file is to hold, or none
  /// @param linger how long it serves after its rank has left
  record Served(RendezvousServer server, Secret made, Duration linger) {}

  Joining(URI rendezvous, Secret secret, byte[] card, Duration timeout, MembershipOptions options) {
    this.rendezvous = RendezvousUri.check(rendezvous);
    this.secret = secret;
    this.card = card.clone();
    this.timeout = timeout;
    this.options = options;
    this.deadlineNanos = System.nanoTime() + timeout.toNanos();
    checkLength("card", card);
  }

  static void checkLength(String what, byte[] bytes) {
    if (bytes.length > Membership.MAX_CONTRIBUTION_BYTES) {
      throw new IllegalArgumentException(
          what
              + " of "
              + bytes.length
              + " bytes; the limit is "
              + Membership.MAX_CONTRIBUTION_BYTES);
    }
  }

  /// Joins a world that forms.
  ///
  /// @param served the server of this rank, if it serves from the beginning
  Membership join(int rank, int worldSize, @Nullable Served served) {
    return new Attempt(connector(rank), rank, worldSize, served).run();
  }

  /// Joins a world that runs, trying again where its server is lost meanwhile.
  Membership joinRunning() {
    Connector connector = connector(JoinRequest.NEWCOMER);
    while (true) {
      Attempt attempt = new Attempt(connector, JoinRequest.NEWCOMER, 0, null);
      try {
        return attempt.run();
      } catch (RendezvousException e) {
        Endpoint redirect = attempt.redirect();
        boolean late = deadlineNanos - System.nanoTime() <= 0;
        if (late || (redirect == null && e.kind() != Kind.CONNECTION)) {
          throw e;
        }
        connector.redirect(redirect == null ? Endpoint.NONE : redirect);
        LockSupport.parkNanos(this, RETRY_NANOS); // two may send it to each other for a while
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }
  }

  private Connector connector(int rank) {
    ThreadFactory threads =
        Thread.ofPlatform().daemon().name("tutti-membership-writer-" + name(rank)).factory();
    return new Connector(rendezvous, secret, timeout, deadlineNanos, threads, options.tls());
  }

  private static String name(int rank) {
    return rank == JoinRequest.NEWCOMER ? "newcomer" : Integer.toString(rank);
  }

  /// One try, over one connection.
  private final class Attempt {
    private final Connector connector;
    private final int rank;
    private final int worldSize;
    private final @Nullable Served served;
    private @Nullable ControlLink link;

    Attempt(Connector connector, int rank, int worldSize, @Nullable Served served) {
      this.connector = connector;
      this.rank = rank;
      this.worldSize = worldSize;
      this.served = served;
    }

    @Nullable Endpoint redirect() {
      return link == null ? null : link.redirect();
    }

    Membership run() {
      WorldView view = new WorldView(rank, worldSize);
      return served == null ? runInReserve(view) : runServing(view, served);
    }

    private Membership runServing(WorldView view, Served from) {
      RendezvousServer own = from.server();
      ServerPlace place =
          new ServerPlace(own, view, rendezvous, own.addresses(), from.made(), from.linger());
      try {
        place.publish();
        own.informedBy(place);
        connector.redirect(place.endpoint());
        Membership membership = enter(connector.connect(), view, own, place);
        place.met();
        return membership;
      } catch (RuntimeException e) {
        place.abandon();
        throw e;
      }
    }

    private Membership runInReserve(WorldView view) {
      Connector.Connected connected = connector.connect();
      ServerPlace place = null;
      try {
        RendezvousServer own = reserve(connected);
        // Published again by whoever takes over, if it was in the file and nowhere else.
        Secret found = secret.isNone() ? connected.secret() : Secret.none();
        place = new ServerPlace(own, view, rendezvous, addresses(own, connected), found, LINGER);
        if (own != null) {
          own.informedBy(place);
        }
        return enter(connected, view, own, place);
      } catch (RuntimeException e) {
        connected.connection().close();
        if (place != null) {
          place.abandon();
        }
        throw e;
      }
    }

    private Membership enter(
        Connector.Connected connected,
        WorldView view,
        @Nullable RendezvousServer own,
        ServerPlace place) {
      EventDispatcher events = new EventDispatcher("tutti-membership-events-" + name(rank));
      ControlLink control = new ControlLink(view, events, options, own, connected, name(rank));
      link = control;
      JoinRequest request =
          new JoinRequest(rank, worldSize, options.timing(), place.endpoint(), card);
      connected.connection().send(request.toFrame());
      control.start("tutti-membership-" + name(rank));
      try {
        view.awaitComplete(timeout, deadlineNanos);
        return new Membership(view, events, control, place, connected.secret());
      } catch (RuntimeException e) {
        giveUp(e, control);
        events.stop();
        throw e;
      }
    }

    private void giveUp(RuntimeException reason, ControlLink control) {
      control.leaving();
      if (reason instanceof RendezvousException e && e.kind() == Kind.TIMEOUT) {
        FrameConnection connection = control.connection();
        connection.send(
            new Frame.Writer().putText("gave up: " + e.getMessage()).toFrame(FrameType.GIVE_UP));
        connection.flush(FLUSH_TIMEOUT);
      }
      control.close();
    }

    /// Starts listening for the case that this rank has to serve.
    private @Nullable RendezvousServer reserve(Connector.Connected connected) {
      Takeover takeover = options.takeover();
      if (takeover == Takeover.NEVER
          || (takeover == Takeover.FROM_RANK && connected.servingRank() < 0)) {
        return null;
      }
      InetSocketAddress bind =
          staysOnThisHost(connected.connection())
              ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
              : new InetSocketAddress(0);
      return RendezvousServer.standby(bind, Math.max(1, worldSize), connected.secret());
    }

    private boolean staysOnThisHost(FrameConnection connection) {
      return secret.isNone()
          || (!RendezvousUri.isFile(rendezvous) && connection.localAddress().isLoopbackAddress());
    }

    /// The addresses of this rank's server, first the one by which it is known.
    private List<InetAddress> addresses(
        @Nullable RendezvousServer own, Connector.Connected connected) {
      if (own == null) {
        return List.of();
      }
      List<InetAddress> all = own.addresses();
      InetAddress local = connected.connection().localAddress();
      if (all.size() < 2 || local.isLoopbackAddress()) {
        return all;
      }
      List<InetAddress> sorted = new ArrayList<>(all);
      sorted.addFirst(local);
      return sorted.stream().distinct().toList();
    }
  }
}
