package dev.tutti.collectives.device;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.collectives.AbortedException;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.MismatchException;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.collectives.TimeoutException;
import dev.tutti.collectives.TuttiException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The machinery behind one [DeviceCommunicator]: hands operations to the library, waits for them,
/// and keeps the first failure.
///
/// Its host communicator is its own, so that a failure here leaves the caller's usable, and one of
/// the host's ends waiting here.
final class DeviceCore {
  private static final int SPINS = 200;
  private static final long NAP_NANOS = 20_000;
  private static final long VERDICT_NANOS = 250_000_000;
  private static final long VERDICT_NAP_NANOS = 1_000_000;

  final Communicator control;
  final Vendor vendor;
  final VendorRank rank;
  final DeviceRuntime runtime;
  final DeviceOptions options;
  final DeviceRuntime.Owned stream;
  final DeviceEvents events;
  private final DeviceProgress progress;
  private final AtomicReference<@Nullable TuttiException> failure = new AtomicReference<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean
      usesOtherStreams; // whose handles may be gone when they are to be stopped
  private long number; // of the latest collective; owner: the thread that calls

  /// Collective.
  DeviceCore(Communicator control, Vendor vendor, VendorRank rank, DeviceOptions options) {
    this.control = control;
    this.vendor = vendor;
    this.rank = rank;
    this.runtime = vendor.runtime();
    this.options = options;
    runtime.use();
    this.stream = runtime.stream();
    this.events = new DeviceEvents(runtime);
    this.progress = new DeviceProgress(control);
  }

  // ---- handing out

  /// What hands an operation to the library.
  interface Issue {
    void to(VendorRank rank, long stream);
  }

  /// Which ranks take part in an operation.
  enum Scope {
    /// All, and they count it alike.
    COLLECTIVE,
    /// Some.
    POINT_TO_POINT
  }

  /// Hands an operation to the library for a stream.
  void issue(String operation, Scope scope, long onStream, Issue action) {
    checkUsable();
    runtime.use();
    if (onStream != stream.address()) {
      usesOtherStreams = true;
    }
    if (scope == Scope.COLLECTIVE) {
      number = progress.begin();
    }
    try {
      action.to(rank, onStream);
      settle(operation);
    } catch (NativeCallException e) {
      throw refused(operation, e);
    } catch (IllegalStateException e) {
      throw afterEnd(e);
    }
  }

  /// Waits until a library that goes on in the background has handed everything out: it connects
  /// ranks when they first need that.
  private void settle(String operation) {
    if (rank.isSettled()) {
      return;
    }
    long start = System.nanoTime();
    while (!rank.isSettled()) {
      watch();
      if (System.nanoTime() - start > options.joinTimeout().toNanos()) {
        throw late(operation + " was not begun", options.joinTimeout(), number);
      }
      LockSupport.parkNanos(NAP_NANOS);
    }
  }

  /// Copies on a stream.
  void copy(long to, long from, long bytes, DeviceRuntime.Direction direction, long onStream) {
    checkUsable();
    if (bytes == 0) {
      return;
    }
    runtime.use();
    try {
      runtime.copyAsync(to, from, bytes, direction, onStream);
    } catch (NativeCallException e) {
      throw refused("copy", e);
    }
  }

  /// Turns the error of a native call into what callers see.
  RuntimeException refused(String operation, NativeCallException e) {
    boolean isLibrary = e.function().startsWith("nccl") || e.function().startsWith("Hccl");
    int error = e.errorNumber();
    if (isLibrary ? rank.isHarmless(error) : runtime.isHarmless(error)) {
      return new IllegalArgumentException(
          operation + " was refused at rank " + control.rank() + ": " + e.getMessage(), e);
    }
    if (isLibrary) {
      awaitVerdict();
    }
    return fail(
        new TuttiException(
            operation + " failed at rank " + control.rank() + ": " + e.getMessage(),
            control.rank(),
            number,
            e));
  }

  private RuntimeException afterEnd(IllegalStateException e) {
    TuttiException first = failure.get();
    return first == null ? e : again(first); // another thread has ended the communicator
  }

  // ---- waiting

  /// Waits until what an event recorded is done.
  ///
  /// @param operation for messages
  /// @param collective number of the latest collective before it, 0 if none
  void await(long event, String operation, long collective) {
    long limit = options.timeout().toNanos();
    if (!isDoneWithin(event, operation, limit == 0 ? Long.MAX_VALUE : limit)) {
      throw late(operation + " was not done", options.timeout(), collective);
    }
  }

  /// Waits until what an event recorded is done; returns false if that takes too long.
  boolean isDoneWithin(long event, String operation, long nanos) {
    long start = System.nanoTime();
    runtime.use();
    try {
      for (int looks = 0; !runtime.isDone(event); looks++) {
        if (looks < SPINS) {
          Thread.onSpinWait();
          continue;
        }
        watch();
        if (System.nanoTime() - start > nanos) {
          return false;
        }
        LockSupport.parkNanos(NAP_NANOS);
      }
      checkUsable(); // what was stopped counts as done for the runtime
      checkLibrary();
      return true;
    } catch (NativeCallException e) {
      throw refused(operation, e);
    } catch (IllegalStateException e) {
      throw afterEnd(e);
    }
  }

  /// Throws if this communicator has failed, the library reports an error, or a rank has died or
  /// given up.
  void watch() {
    checkUsable();
    checkLibrary();
    checkControl();
  }

  private void checkLibrary() {
    String reported = rank.asyncError();
    if (reported != null) {
      awaitVerdict();
      throw fail(
          new TuttiException(
              reported + " at rank " + control.rank(), control.rank(), number, null));
    }
  }

  /// The library may hear of a rank's death before the control plane does, which says who it was:
  /// throws that if it comes in a moment.
  private void awaitVerdict() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < VERDICT_NANOS) {
      checkControl();
      LockSupport.parkNanos(VERDICT_NAP_NANOS);
    }
  }

  private void checkControl() {
    try {
      control.check();
    } catch (TuttiException e) {
      throw fail(e);
    }
  }

  private TuttiException late(String what, Duration limit, long collective) {
    String who = collective == 0 ? "" : "; " + progress.missing(collective);
    String which = collective == 0 ? "" : " (collective " + collective + ")";
    return fail(
        new TimeoutException(
            what
                + which
                + " within "
                + limit.toMillis() / 1000.0
                + " s at rank "
                + control.rank()
                + who,
            control.rank(),
            collective,
            null));
  }

  /// Returns the number of the latest collective.
  long number() {
    return number;
  }

  // ---- failure

  /// Throws if it is closed or has failed.
  void checkUsable() {
    if (closed.get()) {
      throw new IllegalStateException("this device communicator is closed");
    }
    TuttiException first = failure.get();
    if (first != null) {
      throw again(first);
    }
  }

  /// Returns whether it has failed.
  boolean hasFailed() {
    return failure.get() != null;
  }

  /// Records the first failure, tells the other ranks and stops the device; returns what to throw.
  TuttiException fail(TuttiException cause) {
    if (!failure.compareAndSet(null, cause)) {
      TuttiException first = failure.get();
      return first == null ? cause : again(first);
    }
    control.abort(String.valueOf(cause.getMessage()));
    try {
      runtime.use();
      if (usesOtherStreams) {
        runtime.abortAll();
      } else {
        runtime.abort(stream.address());
      }
      rank.stop();
    } catch (NativeCallException | IllegalStateException e) {
      cause.addSuppressed(e); // the end of something that is broken
    }
    return cause;
  }

  /// Returns an exception of the same kind for a later call.
  private static TuttiException again(TuttiException first) {
    String text = String.valueOf(first.getMessage());
    int rank = first.rank();
    long operation = first.operation();
    return switch (first) {
      case RankFailedException failed ->
          new RankFailedException(failed.failedRanks(), text, rank, operation, first);
      case TimeoutException _ -> new TimeoutException(text, rank, operation, first);
      case AbortedException _ -> new AbortedException(text, rank, operation, first);
      case MismatchException _ -> new MismatchException(text, rank, operation, first);
      default -> new TuttiException(text, rank, operation, first);
    };
  }

  // ---- the end

  /// Returns whether this call closes it.
  boolean beginClose() {
    return closed.compareAndSet(false, true);
  }

  /// Waits for what is under way and frees what the library has; then the device's memory can be
  /// freed.
  void end() {
    runtime.use();
    if (hasFailed()) {
      quietly(rank::abort);
    } else {
      try {
        finish();
        rank.close();
      } catch (TuttiException | NativeCallException | IllegalStateException _) {
        quietly(rank::abort); // another rank has gone first
      }
    }
    quietly(events::close);
    quietly(stream::close);
  }

  /// Ends the library's communicator when another has taken its place.
  void retire() {
    runtime.use();
    quietly(rank::abort);
    quietly(events::close);
    quietly(stream::close);
  }

  private void finish() {
    long start = System.nanoTime();
    long limit = options.timeout().toNanos();
    rank.finish();
    while (!rank.isSettled()) {
      control.check();
      if (limit > 0 && System.nanoTime() - start > limit) {
        throw new TimeoutException("closing takes too long", control.rank(), number, null);
      }
      LockSupport.parkNanos(NAP_NANOS);
    }
  }

  static void quietly(Runnable action) {
    try {
      action.run();
    } catch (NativeCallException | IllegalStateException _) {
      // What it frees is broken, or gone with what it was part of.
    }
  }
}
