package dev.tutti.collectives.execute;

import dev.tutti.collectives.AbortedException;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.transport.Failure;
import dev.tutti.transport.RankStatus;
import dev.tutti.transport.Waiter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ends a wait that has become pointless because a rank is gone.
final class StatusCheck implements Waiter.Check {
  private final RankStatus status;
  private final int[] members;
  private final int index;
  private final int[] localOf; // place in the group by member, -1 for those on other hosts
  private @Nullable SharedGroup group;

  StatusCheck(RankStatus status, int[] members, int index, int[] localOf) {
    this.status = status;
    this.members = members.clone();
    this.index = index;
    this.localOf = localOf.clone();
  }

  /// Says whose entries tell whether a rank that left did so in time.
  void watch(SharedGroup watched) {
    group = watched;
  }

  @Override
  public void run() {
    Failure failure = status.failure();
    if (failure != null) {
      fail(failure);
    }
    if (status.hasAnyLeft() && group != null) {
      checkLeft(group);
    }
  }

  private void fail(Failure failure) {
    long operation = group == null ? -1 : group.operation;
    switch (failure.kind()) {
      case RANK_FAILED ->
          throw new RankFailedException(
              memberOf(failure.rank()), failure.message(), index, operation, null);
      case ABORTED, CLOSED -> throw new AbortedException(failure.message(), index, operation, null);
    }
  }

  private List<Integer> memberOf(int rank) {
    for (int m = 0; m < members.length; m++) {
      if (members[m] == rank) {
        return List.of(m);
      }
    }
    return List.of();
  }

  /// A rank that left in an orderly way has finished every operation that it entered, so only an
  /// operation that it never entered waits in vain.
  private void checkLeft(SharedGroup entered) {
    for (int m = 0; m < members.length; m++) {
      boolean waits = m != index && localOf[m] >= 0 && status.hasLeft(members[m]);
      if (waits && !entered.hasEntered(localOf[m])) {
        throw new RankFailedException(
            List.of(m),
            "rank " + m + " closed its communicator before operation " + entered.operation,
            index,
            entered.operation,
            null);
      }
    }
  }
}
