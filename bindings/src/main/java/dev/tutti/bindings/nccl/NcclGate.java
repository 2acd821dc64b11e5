package dev.tutti.bindings.nccl;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.library.HandleGuard;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The way into a communicator: one thread at a time, no other thread while a group has calls with
/// it, nobody after its end, and nobody before NCCL has made it.
final class NcclGate {
  private final NcclLibrary library;
  private final HandleGuard guard = new HandleGuard("communicator of NCCL");
  private final long slot; // address at which NCCL writes the handle
  private long handle; // 0 until it is read from there; guarded

  /// The group in which the communicator has calls; set by the thread whose group it is.
  private volatile @Nullable NcclGroup openGroup;

  /// Makes the gate of a communicator that the calling thread has asked for; in a group it is made
  /// at the group's end.
  NcclGate(NcclLibrary library, MemorySegment slot) {
    this.library = library;
    this.slot = slot.address();
    enterGroup(library.group(), null);
  }

  /// Begins a call; [#exit] must follow. Allocates nothing.
  ///
  /// @return the handle
  long enter() {
    guard.enter();
    NcclGroup mine = library.group();
    NcclGroup open = openGroup;
    long made = handle;
    if (open == null && !mine.isOpen() && made != 0) {
      return made;
    }
    try {
      enterGroup(mine, open);
      handle = made == 0 ? made() : made;
      return handle;
    } catch (Throwable t) {
      guard.exit();
      throw t;
    }
  }

  private void enterGroup(NcclGroup mine, @Nullable NcclGroup open) {
    if (open != null && open != mine) {
      throw inGroup(open);
    }
    if (open == null && mine.isOpen()) {
      openGroup = mine;
      mine.add(this);
    }
  }

  private static IllegalStateException inGroup(NcclGroup open) {
    return new IllegalStateException(
        "this communicator of NCCL has calls in a group that thread \""
            + open.thread()
            + "\" has not ended");
  }

  private long made() {
    long made = Memory.getLongAcquire(slot);
    if (made == 0) {
      throw new IllegalStateException(
          "this communicator of NCCL is not made yet: end the group in which it is made, or poll what"
              + " it is made from");
    }
    return made;
  }

  /// Ends a call.
  void exit() {
    guard.exit();
  }

  /// Notes that the group in which the communicator has calls has ended.
  void groupEnded() {
    openGroup = null;
  }

  /// Begins a look from any thread; [#unwatch] must follow soon.
  void watch() {
    guard.watch();
  }

  /// Ends a look.
  void unwatch() {
    guard.unwatch();
  }

  boolean isEnded() {
    return guard.isEnded();
  }

  /// Lets nobody in any more; returns whether this call is the one that did so.
  ///
  /// @throws IllegalStateException if somebody is in, or a group has calls with it
  boolean end() {
    NcclGroup open = openGroup;
    if (open != null && !guard.isEnded()) {
      throw inGroup(open);
    }
    return guard.end();
  }

  /// Lets nobody in any more, and waits a while for who is in to leave; returns whether this call
  /// is the one that did so.
  boolean endByForce(long patienceNanos) {
    if (!guard.endByForce()) {
      return false;
    }
    long start = System.nanoTime();
    while (guard.isBusy() && System.nanoTime() - start < patienceNanos) {
      Thread.onSpinWait();
    }
    return true;
  }
}
