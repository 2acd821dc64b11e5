package dev.tutti.transport;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Who is still there: written by the control plane, read by waiters.
///
/// Thread-safe; reads are one volatile load.
public final class RankStatus {
  private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
  private final AtomicIntegerArray left;
  private volatile boolean anyLeft;

  /// Makes the status of `size` ranks that are all there.
  public RankStatus(int size) {
    this.left = new AtomicIntegerArray(size);
  }

  /// Returns why the ranks can no longer communicate, or null while they can.
  public @Nullable Failure failure() {
    return failure.get();
  }

  /// Records a failure; the first one wins. Waiters notice within milliseconds.
  public void fail(Failure cause) {
    failure.compareAndSet(null, cause);
  }

  /// Records that a rank has closed its communicator in an orderly way.
  public void leave(int rank) {
    left.set(rank, 1);
    anyLeft = true;
  }

  /// Returns whether any rank has left.
  public boolean hasAnyLeft() {
    return anyLeft;
  }

  /// Returns whether a rank has left.
  public boolean hasLeft(int rank) {
    return left.get(rank) != 0;
  }
}
