package dev.tutti.transport.rendezvous;

import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The server in a rank's process, serving or in reserve, and the file by which others find it.
final class ServerPlace implements RendezvousServer.Reserve, AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(ServerPlace.class.getName());

  private final @Nullable RendezvousServer server;
  private final WorldView view;
  private final URI rendezvous;
  private final List<InetAddress> addresses;
  private final Secret secret;
  private final Duration linger;
  private final ReentrantLock lock = new ReentrantLock();
  // All guarded by lock.
  private @Nullable RendezvousFile published;
  private boolean closed;

  /// @param server null if this rank may not serve
  /// @param secret what the rendezvous file is to hold, or none
  /// @param linger how long it stays to serve ranks that have not left yet when its own has
  ServerPlace(
      @Nullable RendezvousServer server,
      WorldView view,
      URI rendezvous,
      List<InetAddress> addresses,
      Secret secret,
      Duration linger) {
    this.server = server;
    this.view = view;
    this.rendezvous = rendezvous;
    this.addresses = addresses;
    this.secret = secret;
    this.linger = linger;
  }

  /// Where the others reach the server.
  Endpoint endpoint() {
    return server == null ? Endpoint.NONE : Endpoint.of(addresses, server.port());
  }

  @Nullable URI uri() {
    return server == null ? null : HostAddresses.uri(addresses.getFirst(), server.port());
  }

  private List<URI> uris(RendezvousServer of) {
    return addresses.stream().map(address -> HostAddresses.uri(address, of.port())).toList();
  }

  @Override
  public int rank() {
    return view.rank();
  }

  @Override
  public long world() {
    return view.world();
  }

  @Override
  public int term() {
    return view.term();
  }

  @Override
  public @Nullable String verdictOn(int rank) {
    return view.verdictOn(rank);
  }

  @Override
  public Endpoint servedAt() {
    return view.endpointOf(view.servingRank());
  }

  @Override
  public void serving() {
    try {
      if (!meetsOnce()) {
        publish();
      }
    } catch (RendezvousException e) {
      LOGGER.log(Level.WARNING, "newcomers will not find the rendezvous", e);
    }
  }

  /// Tells the others where the rendezvous is served, if a file does.
  ///
  /// @throws RendezvousException CONNECTION if the file cannot be written
  void publish() {
    if (server == null || !RendezvousUri.isFile(rendezvous)) {
      return;
    }
    RendezvousFile file = RendezvousFile.of(rendezvous);
    lock.lock();
    try {
      if (!closed) {
        file.publish(uris(server), secret);
        published = file;
      }
    } finally {
      lock.unlock();
    }
  }

  /// Notes that all ranks have met. A launcher's job meets once: nothing of it stays behind, even
  /// if it is killed later.
  void met() {
    if (meetsOnce()) {
      withdraw();
    }
  }

  private boolean meetsOnce() {
    return RendezvousUri.isFile(rendezvous) && RendezvousFile.of(rendezvous).isPrivate();
  }

  private void withdraw() {
    lock.lock();
    try {
      if (published != null && server != null) {
        published.withdraw(uris(server));
        published = null;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    close(linger);
  }

  /// Closes without waiting for anybody.
  void abandon() {
    close(Duration.ZERO);
  }

  private void close(Duration atMost) {
    if (server == null) {
      return;
    }
    try {
      server.close(atMost);
    } finally {
      lock.lock();
      try {
        closed = true;
      } finally {
        lock.unlock();
      }
      withdraw();
    }
  }
}
