package dev.tutti.transport;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;
import org.jspecify.annotations.Nullable;

/// Waits for another rank's progress: spins, then yields, then parks on a futex.
///
/// Each rank of a group has one *park line* in shared memory that only it parks on:
///
/// ```
///   +0   word: int     futex word, incremented by whoever wakes the rank
///   +64  parked: int   1 while the rank sleeps or is about to; written by the rank only
/// ```
///
/// A rank that publishes progress calls [#wakePeers]. No fence stands between its release store and
/// its look at `parked`, so a wake-up can be missed in a race of nanoseconds; parking is always
/// timed, which bounds the harm to [#PARK_NANOS] and saves every operation a store-load fence.
///
/// While a rank has a core of its own it spins, because waking an idle core takes 20 us; but only
/// for some 10 us, because the scheduler may have put the awaited rank on the same core. Where
/// ranks outnumber cores it yields at once, because the awaited rank may need this very core.
///
/// A rank that is also connected to other hosts parks in the network instead, so a peer in shared
/// memory cannot wake it before [#PARK_NANOS] are over.
///
/// Used by one thread at a time.
public final class Waiter {
  /// Bytes of a park line.
  public static final int PARK_LINE_BYTES = 128;

  private static final int PARKED = 64;
  private static final long PARK_NANOS = 1_000_000;
  private static final long YIELD_NANOS = 1_000_000;
  private static final long SHARED_YIELD_NANOS = 20_000_000;
  private static final long LEAST_YIELD_NANOS = 100_000;
  private static final int CHECK_EVERY = 64; // spins between looks at failure and clock
  private static final int YIELDS_BEFORE_CLOCK = 16;

  private final long ownLine;
  private final long[] peerLines;
  private final boolean crowded;
  private final int spins;
  private final long yieldNanos;
  private final long timeoutNanos;
  private final Check check;
  private final @Nullable Network network;
  private Observer observer = new NoObserver();

  /// Called now and then while waiting.
  @FunctionalInterface
  public interface Check {
    /// Throws if waiting has become pointless.
    void run();
  }

  /// Hears of waits that last longer than spinning and a few yields, on the thread that waits.
  ///
  /// There is no call at the end of a wait: a wait that is not reported again is over.
  public interface Observer {
    /// A rank is still waiting; called again and again, at least once per park.
    ///
    /// @param address the word that is awaited, 0 if it is no single one
    /// @param start when the wait began, as [System#nanoTime]; the same in all calls of one wait
    /// @param now the time now
    void waiting(long address, long start, long now);

    /// The thread has slept for so long.
    void parked(long nanos);
  }

  /// Thrown by [#await] when the deadline passes.
  public static final class DeadlineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeadlineException(long nanos) {
      super("no progress within " + nanos / 1_000_000 + " ms", null, false, false);
    }
  }

  /// Makes a waiter.
  ///
  /// @param ownLine address of this rank's park line
  /// @param peerLines addresses of the park lines of the other ranks
  /// @param ranksPerCore how many ranks share a core
  /// @param timeoutNanos how long [#await] waits at most, 0 for ever
  /// @param check called now and then while spinning and at each yield or park
  /// @param network where progress may come from besides shared memory, null for nowhere
  public Waiter(
      long ownLine,
      long[] peerLines,
      int ranksPerCore,
      long timeoutNanos,
      Check check,
      @Nullable Network network) {
    this.ownLine = ownLine;
    this.peerLines = peerLines.clone();
    this.crowded = ranksPerCore > 1;
    this.spins = crowded ? 4 : 300;
    this.yieldNanos = yieldNanos(ranksPerCore);
    this.timeoutNanos = timeoutNanos;
    this.check = check;
    this.network = network;
  }

  /// A rank that shares its core yields longer, because its peers need a turn first. Where many
  /// share it, those that yield only take turns from the one that has something to do.
  private static long yieldNanos(int ranksPerCore) {
    return ranksPerCore <= 1
        ? YIELD_NANOS
        : Math.clamp(
            SHARED_YIELD_NANOS / ranksPerCore / ranksPerCore, LEAST_YIELD_NANOS, 5 * YIELD_NANOS);
  }

  /// Returns whether ranks outnumber cores, so that a peer that is awaited may need this core.
  public boolean isCrowded() {
    return crowded;
  }

  /// Sets who hears of long waits; by default nobody.
  public void observe(Observer listener) {
    observer = listener;
  }

  /// Waits until the long at `address` is at least `value`.
  ///
  /// @throws DeadlineException if that takes longer than the timeout
  public void await(long address, long value) {
    for (int i = 0; i < spins; i++) {
      if (Memory.getLongAcquire(address) >= value) { // acquire: pairs with the owner's release
        return;
      }
      Thread.onSpinWait();
    }
    awaitSlowly(address, value);
  }

  private void awaitSlowly(long address, long value) {
    long start = System.nanoTime();
    for (int round = 0; Memory.getLongAcquire(address) < value; round++) {
      idle(round, start, address, value);
    }
  }

  /// Does one round of waiting for anything at all; the caller looks for progress between rounds.
  ///
  /// @param round number of rounds without progress so far
  /// @return the start of the wait in nanoseconds, to be passed to the next call
  public long idle(int round, long start) {
    if (round < spins) {
      if (round % CHECK_EVERY == CHECK_EVERY - 1) {
        check.run();
      }
      Thread.onSpinWait();
      return start;
    }
    long begin = start == 0 ? System.nanoTime() : start;
    idle(round - spins, begin, 0, 0);
    return begin;
  }

  /// Does one round of waiting like [#idle], but sleeps at once: for whoever has time and needs the
  /// core soon after a wake-up. A scheduler lets those wait who have used it up by spinning.
  ///
  /// @return the start of the wait in nanoseconds, to be passed to the next call
  public long rest(long start) {
    check.run();
    long now = System.nanoTime();
    long begin = start == 0 ? now : start;
    checkDeadline(0, begin, now);
    park(0, 0);
    observer.parked(System.nanoTime() - now);
    return begin;
  }

  private void idle(int round, long start, long address, long value) {
    check.run();
    if (round < YIELDS_BEFORE_CLOCK) {
      Thread.yield();
      return;
    }
    long now = System.nanoTime();
    checkDeadline(address, start, now);
    if (now - start < yieldNanos) {
      Thread.yield();
    } else {
      park(address, value);
      observer.parked(System.nanoTime() - now);
    }
  }

  private void checkDeadline(long address, long start, long now) {
    observer.waiting(address, start, now);
    if (timeoutNanos > 0 && now - start > timeoutNanos) {
      throw new DeadlineException(timeoutNanos);
    }
  }

  private void park(long address, long value) {
    if (network != null) {
      network.await(PARK_NANOS);
      return;
    }
    int word = Memory.getIntAcquire(ownLine);
    Memory.putIntVolatile(ownLine + PARKED, 1); // volatile: the look below must come after it
    if (address == 0 || Memory.getLongAcquire(address) < value) {
      boolean _ = Linux.futexWait(ownLine, word, PARK_NANOS);
    }
    Memory.putIntVolatile(ownLine + PARKED, 0);
  }

  /// Wakes the peers that are parked; call after publishing progress.
  public void wakePeers() {
    long[] lines = peerLines;
    for (int i = 0; i < lines.length; i++) {
      if (Memory.getIntAcquire(lines[i] + PARKED) != 0) {
        wake(lines[i]);
      }
    }
  }

  private static void wake(long line) {
    Memory.addInt(line, 1);
    int _ = Linux.futexWake(line, Integer.MAX_VALUE);
  }

  private static final class NoObserver implements Observer {
    @Override
    public void waiting(long address, long start, long now) {}

    @Override
    public void parked(long nanos) {}
  }
}
