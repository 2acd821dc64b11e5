package dev.tutti.transport.rendezvous;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Reaches other ranks where they listen for the case that they must serve.
final class Reach {
  private static final long PAUSE_NANOS = 10_000_000;
  private static final long LONGEST_HANDSHAKE_NANOS = 2_000_000_000;

  private final Secret secret;
  private volatile boolean tls;

  /// How an attempt ended.
  sealed interface Outcome {}

  /// The rank answers and knows the secret.
  record Alive(FrameConnection connection) implements Outcome {}

  /// Its host answers that nobody listens there any more: the process is gone for certain.
  record Refused() implements Outcome {}

  /// No answer: nobody can tell whether it is alive.
  record Silent() implements Outcome {}

  /// The rank counts the one who asks as dead.
  ///
  /// @param term the term it lives in; if that is the asker's own, it has only lost its server
  record Evicted(int term, String cause) implements Outcome {}

  /// The rank answers and does not count the one who asks as dead.
  record Stays() implements Outcome {}

  /// @param tls whether connections are encrypted
  Reach(Secret secret, boolean tls) {
    this.secret = secret;
    this.tls = tls;
  }

  /// Encrypts all connections from now on.
  void encrypt() {
    tls = true;
  }

  /// Tries all addresses of a rank at the same time until one answers.
  Outcome connect(MemberCard target, long deadlineNanos) {
    List<CompletableFuture<Outcome>> attempts = new ArrayList<>();
    for (InetSocketAddress address : target.endpoint().addresses()) {
      attempts.add(later(() -> connect(target.rank(), address, deadlineNanos)));
    }
    Outcome result = new Silent();
    for (int i = 0; i < attempts.size() && !(result instanceof Alive); i++) {
      Outcome outcome = resultOf(attempts.get(i), deadlineNanos);
      // Only the first address is surely one of the rank's host: many hosts have a 172.17.0.1.
      if (outcome instanceof Alive || (i == 0 && outcome instanceof Refused)) {
        result = outcome;
      }
    }
    discardExcept(attempts, result);
    return result;
  }

  /// Connects to several ranks at the same time.
  ///
  /// @return one future for each, in the same order
  List<CompletableFuture<Outcome>> connectAll(List<MemberCard> targets, long deadlineNanos) {
    return targets.stream().map(target -> later(() -> connect(target, deadlineNanos))).toList();
  }

  /// Asks a rank whether the one who asks counts as dead there.
  ///
  /// Waits for the answer until the deadline: a rank that knows of no death beats only.
  Outcome ask(MemberCard target, Resume.Header who, long deadlineNanos) {
    Outcome outcome = connect(target, deadlineNanos);
    if (!(outcome instanceof Alive alive)) {
      return outcome;
    }
    boolean beats = false;
    try (FrameConnection connection = alive.connection()) {
      who.alone().toFrames().forEach(connection::send);
      while (true) {
        Frame frame = connection.readBefore(Frame.MAX_BYTES, deadlineNanos);
        if (frame.type() == FrameType.EVICTED) {
          Frame.Reader reader = frame.open();
          return new Evicted(reader.getInt(), reader.getText());
        }
        beats |= frame.type() == FrameType.HEARTBEAT;
      }
    } catch (SocketTimeoutException _) {
      return beats ? new Stays() : new Silent();
    } catch (IOException _) {
      return new Silent();
    }
  }

  static Outcome resultOf(CompletableFuture<Outcome> attempt, long deadlineNanos) {
    try {
      return attempt.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException _) {
      return new Silent();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Silent();
    }
  }

  /// Closes the connections that are not needed, now or when they come to be.
  static void discardExcept(List<CompletableFuture<Outcome>> attempts, Outcome chosen) {
    for (CompletableFuture<Outcome> attempt : attempts) {
      var _ =
          attempt.thenAccept(outcome -> {
            if (!outcome.equals(chosen) && outcome instanceof Alive alive) {
              alive.connection().close();
            }
          });
    }
  }

  /// Something to try on another thread.
  interface Attempt {
    Outcome run();
  }

  static CompletableFuture<Outcome> later(Attempt attempt) {
    CompletableFuture<Outcome> future = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("tutti-membership-reach")
        .start(() -> {
          Outcome outcome = new Silent();
          try {
            outcome = attempt.run();
          } finally {
            future.complete(outcome);
          }
        });
    return future;
  }

  private Outcome connect(int rank, InetSocketAddress address, long deadlineNanos) {
    while (deadlineNanos - System.nanoTime() > 0) {
      try {
        FrameConnection connection = handshake(rank, address, deadlineNanos);
        return connection == null ? new Silent() : new Alive(connection);
      } catch (ConnectException e) {
        if (String.valueOf(e.getMessage()).contains("refused")) {
          return new Refused();
        }
      } catch (SocketTimeoutException _) {
        return new Silent();
      } catch (EOFException | SocketException _) {
        // A process that is dying, or one that is short of something: try again.
      } catch (IOException | RendezvousException _) {
        return new Silent(); // not a rank of this job
      }
      LockSupport.parkNanos(this, PAUSE_NANOS);
    }
    return new Silent();
  }

  /// Returns null if another rank answers.
  private @Nullable FrameConnection handshake(
      int rank, InetSocketAddress address, long deadlineNanos) throws IOException {
    long nanos = Math.min(deadlineNanos - System.nanoTime(), LONGEST_HANDSHAKE_NANOS);
    FrameConnection connection =
        FrameConnection.to(
            address,
            (int) Math.max(1, nanos / 1_000_000),
            Thread.ofPlatform().daemon().name("tutti-membership-reach-writer").factory(),
            tls,
            deadlineNanos);
    boolean done = false;
    try {
      done = Handshake.asClient(connection, secret, deadlineNanos) == rank;
      return done ? connection : null;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }
}
