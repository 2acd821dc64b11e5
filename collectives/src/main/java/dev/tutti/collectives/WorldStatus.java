package dev.tutti.collectives;

import dev.tutti.collectives.execute.GroupFailure;
import dev.tutti.collectives.execute.GroupFailure.Kind;
import dev.tutti.collectives.execute.GroupStatus;
import dev.tutti.transport.rendezvous.MembershipListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What one rank knows of the others, and which of its communicators that concerns.
///
/// Events of the control plane come in on one thread; a communicator that is made later hears of
/// those that were before. Thread-safe.
final class WorldStatus implements MembershipListener {
  /// Tag of the report that tells a newcomer what it joins; communicators have ids from 0.
  static final long INVITATION = -1;

  private static final int MAX_EARLY = 256;

  private final Map<Long, GroupStatus> groups = new HashMap<>(); // by id
  private final Map<Integer, String> failed = new LinkedHashMap<>(); // cause by rank
  private final Set<Integer> left = new HashSet<>();
  // Failures of communicators that this rank has not made yet; bounded, the oldest go first.
  private final Map<Long, GroupFailure> early = new LinkedHashMap<>();
  private final Map<Long, byte[]> told = new HashMap<>(); // what this rank has told, by id
  private final CompletableFuture<byte[]> invitation = new CompletableFuture<>();
  private boolean unsettled; // a closed communicator was
  private @Nullable Loss lost;
  private @Nullable ControlPlane control;
  private int rank = -1;

  /// Says who this rank is and by which way failures are told.
  synchronized void connect(int ownRank, ControlPlane plane) {
    rank = ownRank;
    control = plane;
  }

  /// Adds a communicator.
  synchronized void add(long id, GroupStatus group) {
    groups.put(id, group);
    failed.forEach((rank, cause) -> failed(group, rank, cause));
    left.forEach(rank -> leave(group, rank));
    GroupFailure before = early.remove(id);
    if (before != null) {
      group.fail(before);
    }
    if (lost != null) {
      group.fail(lost.of(group));
    }
  }

  /// Forgets a communicator that is closed.
  synchronized void remove(long id) {
    GroupStatus group = groups.remove(id);
    unsettled |= group != null && group.isUnsettled();
    told.remove(id);
  }

  /// Returns whether some rank may still look at memory that it was given in an operation that
  /// failed.
  synchronized boolean isUnsettled() {
    return unsettled || groups.values().stream().anyMatch(GroupStatus::isUnsettled);
  }

  /// Returns whether a rank is dead or has left.
  synchronized boolean isGone(int rank) {
    return failed.containsKey(rank) || left.contains(rank);
  }

  /// Returns whether a rank is known to be dead.
  synchronized boolean hasFailed(int failedRank) {
    return failed.containsKey(failedRank);
  }

  /// Waits until a rank is known to be dead; false if that takes longer.
  synchronized boolean awaitFailed(int rank, long nanos) {
    long deadline = System.nanoTime() + nanos;
    try {
      while (!failed.containsKey(rank)) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        wait(millis);
      }
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Returns the dead ranks that no open communicator has among its members.
  synchronized List<Integer> forgotten() {
    return failed.keySet().stream()
        .filter(rank -> groups.values().stream().allMatch(group -> group.memberOf(rank) < 0))
        .toList();
  }

  /// Records that a communicator has failed on this rank, and tells its other members.
  void fail(long id, GroupFailure failure) {
    byte[] report = FailureReport.encode(failure);
    ControlPlane plane;
    int[] others;
    synchronized (this) {
      GroupStatus group = groups.get(id);
      if (group == null || !group.fail(failure)) {
        return; // closed, or the others have said so first
      }
      plane = control;
      others = living(group);
      told.put(id, report);
    }
    if (plane != null && others.length > 0) {
      plane.tell(others, id, report);
    }
  }

  private int[] living(GroupStatus group) {
    return IntStream.of(group.ranks()).filter(rank -> !isGone(rank)).toArray();
  }

  /// Returns what this newcomer is invited to, once a member has said so.
  CompletableFuture<byte[]> invitation() {
    return invitation;
  }

  @Override
  public synchronized void rankFailed(int rank, String cause) {
    failed.put(rank, cause);
    notifyAll();
    groups.values().forEach(group -> failed(group, rank, cause));
  }

  private static void failed(GroupStatus group, int rank, String cause) {
    int member = group.memberOf(rank);
    if (member >= 0) {
      String who = "rank " + member + (member == rank ? "" : " (" + rank + " in the world)");
      group.fail(new GroupFailure(Kind.RANK_FAILED, List.of(member), who + " failed: " + cause));
    }
  }

  @Override
  public synchronized void rankLeft(int rank) {
    left.add(rank);
    groups.values().forEach(group -> leave(group, rank));
  }

  private static void leave(GroupStatus group, int rank) {
    int member = group.memberOf(rank);
    if (member >= 0) {
      group.leave(member);
    }
  }

  @Override
  public void aborted(int byRank, String reason) {
    lose(Kind.ABORTED, -1, "rank " + byRank + " aborted: " + reason);
  }

  @Override
  public void serverLost(String cause) {
    lose(Kind.RANK_FAILED, -1, "lost the rendezvous server: " + cause);
  }

  @Override
  public void evicted(String cause) {
    lose(Kind.RANK_FAILED, rank, "the other ranks have declared this rank dead: " + cause);
  }

  private synchronized void lose(Kind kind, int who, String message) {
    if (lost == null) {
      lost = new Loss(kind, who, message);
    }
    groups.values().forEach(group -> group.fail(lost.of(group)));
  }

  /// Why nobody can be reached any more.
  ///
  /// @param rank who is to blame, -1 if nobody
  private record Loss(Kind kind, int rank, String message) {
    GroupFailure of(GroupStatus group) {
      int member = rank < 0 ? -1 : group.memberOf(rank);
      return new GroupFailure(kind, member < 0 ? List.of() : List.of(member), message);
    }
  }

  /// Reports may have been lost with the last server.
  @Override
  public void serverMoved(int toRank) {
    record Again(int[] ranks, long id, byte[] report) {}
    List<Again> all = new ArrayList<>();
    ControlPlane plane;
    synchronized (this) {
      plane = control;
      told.forEach((id, report) -> {
        GroupStatus group = groups.get(id);
        if (group != null) {
          all.add(new Again(living(group), id, report));
        }
      });
    }
    if (plane != null) {
      all.forEach(each -> plane.tell(each.ranks(), each.id(), each.report()));
    }
  }

  @Override
  public void told(int fromRank, long tag, byte[] payload) {
    if (tag == INVITATION) {
      invitation.complete(payload);
      return;
    }
    GroupFailure failure = FailureReport.decode(payload);
    if (failure != null) {
      toldFailure(tag, failure);
    }
  }

  private synchronized void toldFailure(long id, GroupFailure failure) {
    GroupStatus group = groups.get(id);
    if (group != null) {
      group.fail(failure);
      return;
    }
    // Of one that this rank is about to make, or has closed.
    early.put(id, failure);
    if (early.size() > MAX_EARLY) {
      early.remove(early.keySet().iterator().next());
    }
  }
}
