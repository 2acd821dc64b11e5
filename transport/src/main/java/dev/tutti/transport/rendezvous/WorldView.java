package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What one rank knows of its world: the client's mirror of [MemberTable], and where callers wait
/// for it to change. All methods are atomic.
final class WorldView {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private final NavigableMap<Integer, MemberCard> cards = new TreeMap<>();
  private final NavigableMap<Integer, Departure> gone = new TreeMap<>();
  private final Map<GatherKey, Map<Integer, byte[]>> gathers = new HashMap<>();
  private final Set<GatherKey> expired = new HashSet<>();
  private final AgreementCalls agreements = new AgreementCalls(this);
  private int rank;
  private int worldSize;
  private long world;
  private int term;
  private boolean formed; // the cards of all ranks have come
  private @Nullable FramePeer server; // who takes requests; null while there is none
  private int servingRank = -1;
  private @Nullable Departure lost; // the server that was lost, while the next is looked for
  private int losses;
  private final Set<Integer> aborters = new HashSet<>();
  private @Nullable Abort abort; // the first
  private @Nullable RendezvousException failure; // why nothing more will be joined or gathered

  /// @param rank this rank, or -1 for a newcomer
  WorldView(int rank, int worldSize) {
    this.rank = rank;
    this.worldSize = worldSize;
  }

  int rank() {
    return locked(() -> rank);
  }

  int worldSize() {
    return locked(() -> worldSize);
  }

  long world() {
    return locked(() -> world);
  }

  int term() {
    return locked(() -> term);
  }

  boolean isFormed() {
    return locked(() -> formed);
  }

  int servingRank() {
    return locked(() -> servingRank);
  }

  /// Returns where a rank listens; nowhere if it is unknown.
  Endpoint endpointOf(int peer) {
    return locked(() -> {
      MemberCard card = cards.get(peer);
      return card == null ? Endpoint.NONE : card.endpoint();
    });
  }

  AgreementCalls agreements() {
    return agreements;
  }

  /// Waits until the cards of all ranks are there.
  void awaitComplete(Duration timeout, long deadlineNanos) {
    lock.lock();
    try {
      while (!formed) {
        throwIfFailed();
        if (!awaitChange(deadlineNanos)) {
          throw rank < 0 ? notAdmitted(timeout) : incomplete(timeout);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private RendezvousException incomplete(Duration timeout) {
    List<Integer> missing = missing();
    return new RendezvousException(
        Kind.TIMEOUT,
        missing,
        "rank "
            + rank
            + " waited "
            + Membership.seconds(timeout)
            + " for a world of "
            + worldSize
            + "; missing ranks: "
            + missing,
        null);
  }

  private static RendezvousException notAdmitted(Duration timeout) {
    return new RendezvousException(
        Kind.TIMEOUT,
        "waited " + Membership.seconds(timeout) + " to be admitted to a running world");
  }

  /// Returns copies of the cards, by rank.
  List<byte[]> cards() {
    return locked(() -> cards.values().stream().map(c -> c.card().clone()).toList());
  }

  /// Notes that a server has taken this rank in: requests may be sent.
  void welcome(Welcome news, FramePeer from, int fromRank) throws WireFault {
    lock.lock();
    try {
      if ((world != 0 && (world != news.world() || rank != news.rank()))
          || (rank >= 0 && rank != news.rank())
          || (rank >= 0 && !formed && worldSize != news.worldSize())
          || worldSize > news.worldSize()) {
        throw new WireFault("welcome of rank " + news.rank() + " in another world");
      }
      world = news.world();
      term = news.term();
      rank = news.rank();
      worldSize = news.worldSize();
      server = from;
      servingRank = fromRank;
      lost = null;
      agreements.connected(from);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Notes that the server is lost and another is looked for.
  void lose(@Nullable Departure departure) {
    update(() -> {
      server = null;
      lost = departure;
      losses++;
      agreements.disconnected();
    });
  }

  /// Returns what is known now, for the search for a new server.
  WorldSnapshot snapshot() {
    return locked(() ->
        new WorldSnapshot(
            world, term, rank, worldSize, new TreeMap<>(cards), new TreeMap<>(gone), lost, abort));
  }

  /// Returns what the next server must know.
  Resume resume(Timing timing) {
    return locked(() ->
        new Resume(
            new Resume.Header(world, term, rank, worldSize, timing),
            List.copyOf(cards.values()),
            List.copyOf(gone.values()),
            abort,
            agreements.kept(),
            agreements.offers()));
  }

  /// Returns why a rank counts as dead here, or null.
  @Nullable String verdictOn(int peer) {
    lock.lock();
    try {
      Departure departure = gone.get(peer);
      if (departure == null && lost != null && lost.rank() == peer) {
        departure = lost;
      }
      return departure == null ? null : departure.cause();
    } finally {
      lock.unlock();
    }
  }

  /// Sends a request to the server; false if there is none now.
  boolean send(Frame frame) {
    lock.lock();
    try {
      if (server == null) {
        return false;
      }
      server.send(frame);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until requests can be sent; false if that does not happen.
  boolean awaitServer(long deadlineNanos) {
    lock.lock();
    try {
      while (server == null && failure == null) {
        if (!awaitChange(deadlineNanos)) {
          return false;
        }
      }
      return server != null;
    } finally {
      lock.unlock();
    }
  }

  /// Registers a gather, contributes to it, and waits for all parts.
  byte[][] gather(GatherKey key, byte[] mine, Duration timeout, long deadlineNanos) {
    lock.lock();
    try {
      if (expired.contains(key) || gathers.containsKey(key)) {
        throw new IllegalStateException(
            "gather " + key.tag() + " of ranks " + key.members() + " is under way or timed out");
      }
      Map<Integer, byte[]> parts = new TreeMap<>();
      gathers.put(key, parts);
      try {
        throwIfBroken(key, parts);
        if (!awaitServer(deadlineNanos)) {
          throwIfBroken(key, parts);
          throw gatherTimeout(key, parts, timeout);
        }
        Objects.requireNonNull(server).send(key.write().putBytes(mine).toFrame(FrameType.GATHER));
        awaitParts(key, parts, timeout, deadlineNanos);
      } finally {
        gathers.remove(key);
      }
      byte[][] result = new byte[key.members().size()][];
      for (int i = 0; i < result.length; i++) {
        result[i] = Objects.requireNonNull(parts.get(key.members().get(i)));
      }
      return result;
    } finally {
      lock.unlock();
    }
  }

  private void awaitParts(
      GatherKey key, Map<Integer, byte[]> parts, Duration timeout, long deadlineNanos) {
    int lossesBefore = losses;
    while (parts.size() < key.members().size()) {
      throwIfBroken(key, parts);
      if (losses != lossesBefore) {
        awaitServer(deadlineNanos); // the new one knows who is dead
        throwIfBroken(key, parts);
        throw new RendezvousException(
            Kind.CONNECTION,
            "the rendezvous was lost during gather " + key.tag() + "; it may be called again");
      }
      if (!awaitChange(deadlineNanos)) {
        expired.add(key);
        throw gatherTimeout(key, parts, timeout);
      }
    }
  }

  private void throwIfBroken(GatherKey key, Map<Integer, byte[]> parts) {
    List<Integer> dead = new ArrayList<>();
    List<String> causes = new ArrayList<>();
    for (Departure departure : gone.values()) {
      int member = departure.rank();
      if (key.members().contains(member) && !parts.containsKey(member)) {
        dead.add(member);
        causes.add("rank " + member + ": " + departure.cause());
      }
    }
    if (!dead.isEmpty()) {
      throw new RendezvousException(
          Kind.CONNECTION,
          dead,
          "gather " + key.tag() + " cannot complete; " + String.join("; ", causes),
          null);
    }
    throwIfFailed();
  }

  private static RendezvousException gatherTimeout(
      GatherKey key, Map<Integer, byte[]> parts, Duration timeout) {
    List<Integer> missing =
        key.members().stream().filter(m -> !parts.containsKey(m)).sorted().toList();
    return new RendezvousException(
        Kind.TIMEOUT,
        missing,
        "gather " + key.tag() + " waited " + Membership.seconds(timeout) + " for ranks " + missing,
        null);
  }

  /// Notes a card.
  ///
  /// @return whether it is a newcomer's, whom this rank has not known
  boolean addCard(MemberCard card) throws WireFault {
    lock.lock();
    try {
      int peer = card.rank();
      if (peer >= worldSize + (formed ? 1 : 0) || peer >= Welcome.MAX_WORLD) {
        throw new WireFault("card of rank " + peer + " in a world of " + worldSize);
      }
      boolean unknown = cards.put(peer, card) == null;
      boolean newcomer = formed && unknown;
      worldSize = Math.max(worldSize, peer + 1);
      formed = formed || cards.size() == worldSize;
      changed.signalAll();
      return newcomer;
    } finally {
      lock.unlock();
    }
  }

  void addPart(GatherKey key, int peer, byte[] part) {
    update(() -> {
      Map<Integer, byte[]> parts = gathers.get(key);
      if (parts != null) { // else it timed out here
        parts.put(peer, part);
      }
    });
  }

  /// Notes that a rank is gone; a world that is not complete will never be.
  ///
  /// @return whether that is news
  boolean addDeparture(Departure departure) {
    lock.lock();
    try {
      int peer = departure.rank();
      boolean news = gone.putIfAbsent(peer, departure) == null;
      if (!formed && failure == null) {
        List<Integer> missing = missing();
        failure =
            new RendezvousException(
                departure.kind() == null ? Kind.CONNECTION : departure.kind(),
                departure.kind() == Kind.TIMEOUT ? missing : List.of(peer),
                "rank "
                    + peer
                    + " is gone before the world was complete: "
                    + departure.cause()
                    + "; ranks not seen: "
                    + missing,
                null);
      }
      changed.signalAll();
      return news;
    } finally {
      lock.unlock();
    }
  }

  /// Notes that a rank ends the job; false if that was known.
  boolean addAbort(Abort news) {
    lock.lock();
    try {
      abort = abort == null ? news : abort;
      return aborters.add(news.byRank());
    } finally {
      lock.unlock();
    }
  }

  /// Ends all waits, now and later, with `e`, unless they ended already.
  void fail(RendezvousException e) {
    update(() -> {
      if (failure == null) {
        failure = e;
      }
    });
  }

  /// Notes that there is no server and will be none.
  void disconnect() {
    update(() -> server = null);
  }

  void throwIfFailed() {
    if (failure != null) {
      throw failure.copyForCaller();
    }
  }

  private List<Integer> missing() {
    return IntStream.range(0, worldSize).boxed().filter(r -> !cards.containsKey(r)).toList();
  }

  /// Runs `action` under the lock, with the server that takes requests.
  <T> T withServer(Function<@Nullable FramePeer, T> action) {
    lock.lock();
    try {
      return action.apply(server);
    } finally {
      lock.unlock();
    }
  }

  /// Waits for news, under the lock; false if the deadline passed.
  @SuppressWarnings("WaitNotInLoop") // all callers loop
  boolean awaitChange(long deadlineNanos) {
    try {
      return changed.awaitNanos(deadlineNanos - System.nanoTime()) > 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RendezvousException(
          Kind.CONNECTION, "rank " + rank + " was interrupted while waiting for other ranks", e);
    }
  }

  void update(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private interface Read<T> {
    T get();
  }

  private <T> T locked(Read<T> read) {
    lock.lock();
    try {
      return read.get();
    } finally {
      lock.unlock();
    }
  }
}
