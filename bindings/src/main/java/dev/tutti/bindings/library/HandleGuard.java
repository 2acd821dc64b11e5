package dev.tutti.bindings.library;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Keeps a native object from being used by two threads at once, and from being used after its end.
///
/// One word holds all: whether the object has ended (top bit), how many threads look at it
/// ([#watch]), and which one works with it ([#enter]; the low half of its identity). Entering and
/// leaving cost one compare-and-set each and allocate nothing.
///
/// ```
///  63      62 ............ 32  31 ............. 0
/// [ended] [ threads looking ] [ thread working ]
/// ```
public final class HandleGuard {
  private static final long ENDED = 1L << 63;
  private static final long ONE_WATCHER = 1L << 32;
  private static final long WATCHERS = ENDED - ONE_WATCHER;
  private static final long WORKER = ONE_WATCHER - 1;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(HandleGuard.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String object;

  @SuppressWarnings("UnusedVariable") // read and written by STATE
  private volatile long state;

  /// Makes a guard.
  ///
  /// @param object what it guards, for messages, such as `communicator`
  public HandleGuard(String object) {
    this.object = object;
  }

  private static long self() {
    return Thread.currentThread().threadId() & WORKER;
  }

  /// Begins to work with the object; [#exit] must follow.
  ///
  /// @throws IllegalStateException if the object has ended or a thread works with it
  public void enter() {
    long self = self();
    if (!STATE.compareAndSet(this, 0L, self)) {
      enterBesideWatchers(self);
    }
  }

  private void enterBesideWatchers(long self) {
    while (true) {
      long seen = (long) STATE.getVolatile(this);
      check(seen);
      if ((seen & WORKER) != 0) {
        throw new IllegalStateException(
            "thread "
                + (seen & WORKER)
                + " is in a call with this "
                + object
                + "; one thread at a time may use it, this is thread "
                + self);
      }
      if (STATE.compareAndSet(this, seen, seen | self)) {
        return;
      }
    }
  }

  /// Ends the work that [#enter] began.
  public void exit() {
    long seen = self();
    while (!STATE.compareAndSet(this, seen, seen & ~WORKER)) {
      seen = (long) STATE.getVolatile(this);
    }
  }

  /// Begins to look at the object, which other threads may work with or look at; [#unwatch] must
  /// follow soon.
  ///
  /// @throws IllegalStateException if the object has ended
  public void watch() {
    long seen = (long) STATE.getAndAdd(this, ONE_WATCHER);
    if ((seen & ENDED) != 0) {
      unwatch();
      check(seen);
    }
  }

  /// Ends the look that [#watch] began.
  public void unwatch() {
    long _ = (long) STATE.getAndAdd(this, -ONE_WATCHER);
  }

  /// Ends the object's use, once: nobody may enter or watch any more. Waits for those that look.
  ///
  /// @return whether this call ended it; false if another had
  /// @throws IllegalStateException if a thread works with it
  public boolean end() {
    while (true) {
      long seen = (long) STATE.getVolatile(this);
      if ((seen & ENDED) != 0) {
        return false;
      }
      if ((seen & WORKER) != 0) {
        throw new IllegalStateException(
            "thread " + (seen & WORKER) + " is in a call with this " + object);
      }
      if (STATE.compareAndSet(this, seen, seen | ENDED)) {
        awaitWatchers();
        return true;
      }
    }
  }

  /// Ends the object's use, once, also while a thread works with it, which this does not wait for.
  ///
  /// @return whether this call ended it; false if another had
  public boolean endByForce() {
    long seen = (long) STATE.getAndBitwiseOr(this, ENDED);
    if ((seen & ENDED) != 0) {
      return false;
    }
    awaitWatchers();
    return true;
  }

  private void awaitWatchers() {
    while (((long) STATE.getVolatile(this) & WATCHERS) != 0) {
      Thread.onSpinWait();
    }
  }

  /// Returns whether a thread works with the object.
  public boolean isBusy() {
    return ((long) STATE.getVolatile(this) & WORKER) != 0;
  }

  /// Returns whether the object has ended.
  public boolean isEnded() {
    return ((long) STATE.getVolatile(this) & ENDED) != 0;
  }

  /// Throws if the object has ended.
  public void check() {
    check((long) STATE.getVolatile(this));
  }

  private void check(long seen) {
    if ((seen & ENDED) != 0) {
      throw new IllegalStateException("this " + object + " is closed");
    }
  }
}
