package dev.tutti.collectives;

import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.rendezvous.SurvivorGather;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The control plane of ranks that are threads of one JVM.
final class ThreadsControl implements ControlPlane {
  private final Hub hub;
  private final int rank;
  private final WorldStatus status = new WorldStatus();

  private ThreadsControl(Hub hub, int rank) {
    this.hub = hub;
    this.rank = rank;
    status.connect(rank, this);
  }

  /// Makes the control planes of `size` ranks; index r of the list is rank r's.
  static List<ThreadsControl> create(int size) {
    Hub hub = new Hub();
    for (int r = 0; r < size; r++) {
      hub.ranks.add(new ThreadsControl(hub, r));
    }
    return List.copyOf(hub.ranks);
  }

  /// Returns what this rank knows of the others.
  WorldStatus status() {
    return status;
  }

  /// Says that this rank is dead: its thread ended with an exception.
  void fail(String cause) {
    hub.gone(rank);
    hub.ranks.forEach(each -> each.status.rankFailed(rank, cause));
  }

  @Override
  public SurvivorGather agree(long tag, int[] ranks, byte[] mine, Duration timeout) {
    return hub.agree(new Round(tag, IntStream.of(ranks).boxed().toList()), rank, mine, timeout);
  }

  @Override
  public void tell(int[] ranks, long tag, byte[] report) {
    for (int to : ranks) {
      hub.ranks.get(to).status.told(rank, tag, report);
    }
  }

  @Override
  public @Nullable URI rendezvous() {
    return null;
  }

  @Override
  public void leave() {
    if (hub.gone(rank)) {
      hub.ranks.forEach(each -> each.status.rankLeft(rank));
    }
  }

  private record Round(long tag, List<Integer> ranks) {}

  /// What all ranks of a world share.
  private static final class Hub {
    private final List<ThreadsControl> ranks = new ArrayList<>(); // complete before it is used
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final Set<Integer> gone = new HashSet<>();
    private final Map<Round, Map<Integer, byte[]>> open = new HashMap<>();
    private final Map<Round, SurvivorGather> decided = new HashMap<>();

    boolean gone(int rank) {
      lock.lock();
      try {
        changed.signalAll();
        return gone.add(rank);
      } finally {
        lock.unlock();
      }
    }

    SurvivorGather agree(Round round, int rank, byte[] mine, Duration timeout) {
      long deadline = System.nanoTime() + timeout.toNanos();
      lock.lock();
      try {
        open.computeIfAbsent(round, _ -> new TreeMap<>()).put(rank, mine.clone());
        changed.signalAll();
        while (true) {
          SurvivorGather result = decide(round);
          if (result != null) {
            return result;
          }
          if (changed.awaitNanos(deadline - System.nanoTime()) <= 0) {
            throw giveUp(round, rank, timeout);
          }
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new RendezvousException(
            RendezvousException.Kind.CONNECTION, "interrupted while waiting for the other ranks");
      } finally {
        lock.unlock();
      }
    }

    private @Nullable SurvivorGather decide(Round round) {
      SurvivorGather before = decided.get(round);
      if (before != null) {
        return before;
      }
      Map<Integer, byte[]> given = open.getOrDefault(round, Map.of());
      if (!missing(round, given).isEmpty()) {
        return null;
      }
      List<Integer> survivors = round.ranks().stream().filter(given::containsKey).toList();
      SurvivorGather result =
          new SurvivorGather(survivors, survivors.stream().map(given::get).toList());
      decided.put(round, result);
      open.remove(round);
      changed.signalAll();
      return result;
    }

    private List<Integer> missing(Round round, Map<Integer, byte[]> given) {
      return round.ranks().stream()
          .filter(rank -> !given.containsKey(rank) && !gone.contains(rank))
          .toList();
    }

    private RendezvousException giveUp(Round round, int rank, Duration timeout) {
      Map<Integer, byte[]> given = open.getOrDefault(round, Map.of());
      List<Integer> missing = missing(round, given);
      given.remove(rank);
      return new RendezvousException(
          RendezvousException.Kind.TIMEOUT,
          missing,
          "ranks " + missing + " have not called within " + timeout.toMillis() / 1000.0 + " s",
          null);
    }
  }
}
