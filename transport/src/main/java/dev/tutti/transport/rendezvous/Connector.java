package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/// Finds the server behind a rendezvous URL and gets an authenticated connection to it, trying
/// again while it is not up yet or short of resources.
final class Connector {
  private static final long FIRST_PAUSE_NANOS = 5_000_000;
  private static final long LAST_PAUSE_NANOS = 200_000_000;
  private static final int CONNECT_MILLIS = 2000;

  // The last attempt, just before the deadline, must still learn why there is no connection.
  private static final int MIN_CONNECT_MILLIS = 50;

  private final URI rendezvous;
  private final Secret secret;
  private final Duration timeout;
  private final long deadlineNanos;
  private final ThreadFactory threads;
  private final boolean tls;
  private Endpoint redirect = Endpoint.NONE;
  private Secret agreed = Secret.none(); // that of the last server this rank was connected to

  /// An authenticated connection.
  ///
  /// @param connection the connection, after the handshake
  /// @param servingRank the rank in whose process the server runs, or -1
  /// @param secret the secret both sides know: the given one, or the one the rendezvous file holds
  record Connected(FrameConnection connection, int servingRank, Secret secret) {}

  Connector(
      URI rendezvous,
      Secret secret,
      Duration timeout,
      long deadlineNanos,
      ThreadFactory threads,
      boolean tls) {
    this.rendezvous = rendezvous;
    this.secret = secret;
    this.timeout = timeout;
    this.deadlineNanos = deadlineNanos;
    this.threads = threads;
    this.tls = tls;
  }

  /// Makes [#connect()] go to other addresses than those of the URL.
  void redirect(Endpoint endpoint) {
    redirect = endpoint;
  }

  /// Connects.
  ///
  /// @throws RendezvousException TIMEOUT if there is no server before the deadline, AUTHENTICATION
  ///   or PROTOCOL if what is there is not the server of this job
  Connected connect() {
    long pauseNanos = FIRST_PAUSE_NANOS;
    String answer = "";
    while (true) {
      String problem = "";
      try {
        RendezvousFile.Contents found = find();
        for (InetSocketAddress address : found.addresses()) {
          try {
            return connect(address, secret.isNone() ? found.secret() : secret);
          } catch (SocketException
              | SocketTimeoutException
              | UnknownHostException
              | EOFException e) {
            problem = address + ": " + Objects.requireNonNullElse(e.getMessage(), "no answer");
          } catch (RendezvousException e) {
            // Address and secret of one file that do not fit: a killed job left it, and somebody
            // else has the port now. The file of this job will replace it.
            if (e.kind() != Kind.AUTHENTICATION || found.secret().isNone()) {
              throw e;
            }
            problem = address + ": " + e.getMessage();
          }
        }
      } catch (WireFault e) {
        throw new RendezvousException(
            Kind.PROTOCOL, "what answers at " + rendezvous + " is no rendezvous of Tutti", e);
      } catch (IOException e) {
        problem = String.valueOf(e.getMessage());
      } catch (RendezvousException e) {
        if (e.kind() != Kind.CONNECTION) {
          throw e;
        }
        answer = String.valueOf(e.getMessage()); // it cannot take anyone just now
      }
      // What the rendezvous has said is worth more than how the last attempt ended.
      pause(pauseNanos, answer.isEmpty() ? problem : answer);
      pauseNanos = Math.min(2 * pauseNanos, LAST_PAUSE_NANOS);
    }
  }

  private RendezvousFile.Contents find() throws IOException {
    if (!redirect.addresses().isEmpty()) {
      return new RendezvousFile.Contents(redirect.addresses(), agreed);
    }
    if (RendezvousUri.isFile(rendezvous)) {
      return RendezvousFile.of(rendezvous).read();
    }
    InetSocketAddress address = RendezvousUri.address(rendezvous);
    if (address.isUnresolved()) {
      throw new UnknownHostException("the host name " + rendezvous.getHost() + " is unknown");
    }
    return new RendezvousFile.Contents(List.of(address), Secret.none());
  }

  private Connected connect(InetSocketAddress address, Secret known) throws IOException {
    long millis =
        Math.clamp(
            (deadlineNanos - System.nanoTime()) / 1_000_000, MIN_CONNECT_MILLIS, CONNECT_MILLIS);
    FrameConnection connection =
        FrameConnection.to(address, (int) millis, threads, tls, deadlineNanos);
    boolean done = false;
    try {
      int servingRank = Handshake.asClient(connection, known, deadlineNanos);
      done = true;
      agreed = known;
      return new Connected(connection, servingRank, known);
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  private void pause(long nanos, String problem) {
    long remaining = deadlineNanos - System.nanoTime();
    if (remaining <= 0) {
      throw new RendezvousException(
          Kind.TIMEOUT,
          "no rendezvous at "
              + rendezvous
              + " after "
              + Membership.seconds(timeout)
              + ": "
              + problem);
    }
    LockSupport.parkNanos(Math.min(nanos, remaining));
    if (Thread.currentThread().isInterrupted()) {
      throw new RendezvousException(
          Kind.CONNECTION, "interrupted while connecting to " + rendezvous);
    }
  }
}
