package dev.tutti.collectives.execute;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Whether the members of one communicator can go on: written by the control plane and by who fails
/// first, read by waiters.
///
/// Thread-safe; a look at it is one volatile load.
public final class GroupStatus {
  private final int[] ranks;
  private final AtomicReference<@Nullable GroupFailure> failure = new AtomicReference<>();
  private final AtomicIntegerArray left;
  private volatile boolean anyLeft;
  private volatile boolean settled;

  /// Makes the status of members that are all there.
  ///
  /// @param ranks world rank of each member
  public GroupStatus(int[] ranks) {
    this.ranks = ranks.clone();
    this.left = new AtomicIntegerArray(ranks.length);
  }

  /// Returns the world rank of each member.
  public int[] ranks() {
    return ranks.clone();
  }

  /// Returns which member a world rank is, -1 if none.
  public int memberOf(int rank) {
    for (int m = 0; m < ranks.length; m++) {
      if (ranks[m] == rank) {
        return m;
      }
    }
    return -1;
  }

  /// Returns why the members cannot go on, null while they can.
  public @Nullable GroupFailure failure() {
    return failure.get();
  }

  /// Records a failure; the first one stays. Waiters notice within milliseconds.
  ///
  /// @return whether this was the first
  public boolean fail(GroupFailure cause) {
    return failure.compareAndSet(null, cause);
  }

  /// Records that a member has left the world in an orderly way.
  public void leave(int member) {
    left.set(member, 1);
    anyLeft = true;
  }

  /// Notes that no living member uses the communicator any more.
  public void settle() {
    settled = true;
  }

  /// Returns whether no living member uses the communicator any more.
  public boolean isSettled() {
    return settled;
  }

  /// Returns whether a member that has failed, or one that has not heard of it, may still look at
  /// the memory of the others.
  public boolean isUnsettled() {
    return !settled && failure.get() != null;
  }

  boolean hasAnyLeft() {
    return anyLeft;
  }

  boolean hasLeft(int member) {
    return left.get(member) != 0;
  }
}
