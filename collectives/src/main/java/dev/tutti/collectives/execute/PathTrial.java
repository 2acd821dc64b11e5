package dev.tutti.collectives.execute;

/// Chooses between the two [ForeignPath]s for one size class: tries both on the first operations and
/// keeps the faster one.
///
/// Which is faster depends on the size, on the kernel, and above all on the pages of the caller's
/// buffers: `process_vm_readv` copies three times as fast from huge ones. All members run the same
/// operations, so all try the same path in the same operation; they then agree on the slowest
/// member's times. Used by one thread at a time.
final class PathTrial {
  private static final int TRIALS = 24;
  private static final int RUN_LENGTH = 3; // operations in a row on one path; the first warms up
  private static final long AGREE_SIGNATURE = -1;

  private final SharedGroup group;
  private final VmReader reader;
  private final long[] agreed = new long[2];
  private ForeignPath chosen = ForeignPath.WINDOW;
  private boolean decided;
  private int trial;
  private long bestWindowNanos = Long.MAX_VALUE;
  private long bestReadNanos = Long.MAX_VALUE;

  PathTrial(SharedGroup group, VmReader reader) {
    this.group = group;
    this.reader = reader;
  }

  /// Returns whether [#record] wants to know how long the operation takes.
  boolean isMeasuring() {
    return !decided;
  }

  /// Records how long an operation took. The first and the last trial exchange entries: whether
  /// everybody may read everybody, and which path was faster.
  void record(ForeignPath path, long nanos) {
    if (trial == 0) {
      agreed[0] = reader.isAllowed() ? 0 : 1;
      agreed[1] = 0;
      group.agreeOnMaximum(AGREE_SIGNATURE, agreed);
      decided = agreed[0] != 0;
    }
    if (trial % RUN_LENGTH != 0) {
      if (path == ForeignPath.WINDOW) {
        bestWindowNanos = Math.min(bestWindowNanos, nanos);
      } else {
        bestReadNanos = Math.min(bestReadNanos, nanos);
      }
    }
    trial++;
    if (trial == TRIALS) {
      agreed[0] = bestWindowNanos;
      agreed[1] = bestReadNanos;
      group.agreeOnMaximum(AGREE_SIGNATURE, agreed);
      chosen = agreed[1] < agreed[0] ? ForeignPath.VM_READ : ForeignPath.WINDOW;
      decided = true;
    }
  }

  /// Returns the path for the operation about to run.
  ForeignPath current() {
    if (decided) {
      return chosen;
    }
    return trial / RUN_LENGTH % 2 == 0 ? ForeignPath.WINDOW : ForeignPath.VM_READ;
  }
}
