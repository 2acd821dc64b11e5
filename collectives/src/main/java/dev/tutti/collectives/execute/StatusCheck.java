package dev.tutti.collectives.execute;

import dev.tutti.collectives.RankFailedException;
import dev.tutti.transport.Waiter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ends a wait that has become pointless because a member is gone or has failed.
final class StatusCheck implements Waiter.Check {
  private final GroupStatus status;
  private final int index;
  private final int[] localOf; // place in the group by member, -1 for those on other hosts
  private @Nullable SharedGroup group;

  StatusCheck(GroupStatus status, int index, int[] localOf) {
    this.status = status;
    this.index = index;
    this.localOf = localOf.clone();
  }

  /// Says whose entries tell whether a rank that left did so in time.
  void watch(SharedGroup watched) {
    group = watched;
  }

  @Override
  public void run() {
    GroupFailure failure = status.failure();
    if (failure != null) {
      throw failure.toException(index, group == null ? -1 : group.operation);
    }
    if (status.hasAnyLeft() && group != null) {
      checkLeft(group);
    }
  }

  /// A rank that left in an orderly way has finished every operation that it entered, so only an
  /// operation that it never entered waits in vain.
  private void checkLeft(SharedGroup entered) {
    for (int m = 0; m < localOf.length; m++) {
      boolean waits = m != index && localOf[m] >= 0 && status.hasLeft(m);
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
