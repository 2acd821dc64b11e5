package dev.tutti.collectives;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.transport.Waiter;

/// One rank's memory of a [Window] as another rank sees it.
///
/// ```
///   +0     lock: int     1 while somebody accumulates
///   +128   signals: 64 longs, 128 bytes apart: how often each has come
///   +12288 data
/// ```
///
/// @param address where it begins here; 0 if it is on another host
/// @param bytes of the data
record WindowBlock(long address, long bytes) {
  static final long DATA = 12 << 10;

  private static final long FIRST_SIGNAL = 128;
  private static final long SIGNAL_STRIDE = 128;

  // Others get their turn after so much.
  private static final long LOCKED_BYTES = 256 << 10;

  boolean isNear() {
    return address != 0;
  }

  /// Returns where the byte at an offset is.
  long data(long offset) {
    return address + DATA + offset;
  }

  long signalAddress(int signal) {
    return address + FIRST_SIGNAL + signal * SIGNAL_STRIDE;
  }

  void signal(int signal) {
    Memory.addLong(signalAddress(signal), 1); // volatile: after all that was written before
  }

  /// Combines elements with those at an offset, while nobody else does.
  void accumulate(
      long offset,
      long source,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      Waiter waiter) {
    long most = LOCKED_BYTES / elementBytes;
    for (long done = 0; done < count; done += most) {
      long elements = Math.min(most, count - done);
      long target = data(offset + done * elementBytes);
      lock(waiter);
      try {
        kernel.combine(target, target, source + done * elementBytes, elements);
      } finally {
        Memory.putIntRelease(address, 0); // release: pairs with the lock
      }
    }
  }

  /// Waits for the lock. Whoever holds it computes, or has died, which the waiter finds out.
  private void lock(Waiter waiter) {
    long start = 0;
    for (int round = 0; !Memory.compareAndSetInt(address, 0, 1); round++) {
      start = waiter.idle(round, start);
    }
  }
}
