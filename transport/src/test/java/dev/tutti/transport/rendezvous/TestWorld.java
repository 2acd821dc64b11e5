package dev.tutti.transport.rendezvous;

import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A world whose ranks are threads of this JVM, served as if by rank 0, that can lose its server.
final class TestWorld implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(15);

  /// For tests in which nobody is silent: a busy machine must not look like a dead one.
  static final MembershipOptions OPTIONS =
      MembershipOptions.defaults().withHeartbeat(Duration.ofMillis(100), Duration.ofSeconds(5));

  /// For tests about silence.
  static final Duration TIMEOUT = Duration.ofMillis(600);

  static final MembershipOptions QUICK =
      MembershipOptions.defaults().withHeartbeat(Duration.ofMillis(50), TIMEOUT);
  static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  final Secret secret = Secret.random();
  final ExecutorService threads = Executors.newCachedThreadPool();
  final RendezvousServer server;
  private final int servingRank;
  private final SortedMap<Integer, Membership> members = new TreeMap<>();
  private final SortedMap<Integer, EventLog> logs = new TreeMap<>();

  private TestWorld(int servingRank, int worldSize) {
    this.servingRank = servingRank;
    server =
        RendezvousServer.start(LOOPBACK, worldSize, secret, servingRank, Duration.ofSeconds(5));
  }

  /// Forms a world; the server counts as that of `servingRank`.
  static TestWorld form(int servingRank, int worldSize, MembershipOptions options) {
    TestWorld world = new TestWorld(servingRank, worldSize);
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int r = 0; r < worldSize; r++) {
      int rank = r;
      joining.add(world.later(() -> world.join(rank, worldSize, options)));
    }
    joining.forEach(future -> world.add(future.join()));
    return world;
  }

  Membership join(int rank, int worldSize, MembershipOptions options) {
    byte[] card = {(byte) rank};
    return rank == servingRank
        ? new Joining(server.uri(), secret, card, LONG, options)
            .join(rank, worldSize, new Joining.Served(server, Secret.none(), Duration.ofSeconds(5)))
        : Membership.join(server.uri(), rank, worldSize, secret, card, LONG, options);
  }

  /// A world without anything in it, for processes to join.
  static TestWorld empty(int servingRank, int worldSize) {
    return new TestWorld(servingRank, worldSize);
  }

  void add(Membership member) {
    EventLog log = new EventLog();
    member.onEvent(log);
    members.put(member.rank(), member);
    logs.put(member.rank(), log);
  }

  <T> CompletableFuture<T> later(Callable<T> action) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return action.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        threads);
  }

  CompletableFuture<Membership> newcomer(URI at, byte... card) {
    return later(() -> Membership.joinRunning(at, secret, card, LONG, OPTIONS));
  }

  Membership member(int rank) {
    Membership member = members.get(rank);
    if (member == null) {
      throw new IllegalArgumentException("no rank " + rank);
    }
    return member;
  }

  EventLog log(int rank) {
    EventLog log = logs.get(rank);
    if (log == null) {
      throw new IllegalArgumentException("no rank " + rank);
    }
    return log;
  }

  /// Does what the death of the serving process does: every connection breaks, nobody listens.
  void crashServer() {
    server.resign("crashed");
  }

  /// Waits until `rank` has heard an event that starts so.
  void awaitEvent(int rank, String start) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> log(rank).events().stream().anyMatch(e -> e.startsWith(start)));
  }

  @Override
  public void close() {
    // The serving rank last: it waits for the others.
    List<CompletableFuture<Boolean>> closing = new ArrayList<>();
    members.values().forEach(member -> closing.add(later(() -> closed(member))));
    closing.forEach(CompletableFuture::join);
    server.close();
    threads.shutdownNow();
  }

  private static boolean closed(Membership member) {
    member.close();
    return true;
  }
}
