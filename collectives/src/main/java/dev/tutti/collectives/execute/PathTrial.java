package dev.tutti.collectives.execute;

/// Chooses between the two [ForeignPath]s for one size class: tries both now and then on real
/// operations and keeps the faster one.
///
/// Which is faster depends on the size, on the kernel, on where the cores are, and above all on the
/// pages of the caller's buffers: `process_vm_readv` copies three times as fast from huge ones. A
/// trial alternates runs of operations on either path and compares the best run of each, on the
/// slowest member, on which all agree. Trials come at exponentially growing distances, so that
/// early ones, in code that is not compiled yet, are corrected and later ones cost next to nothing:
/// each is a few operations on the slower path among three times as many as all before.
///
/// All members run the same operations, so all are always at the same point. Used by one thread at
/// a time.
final class PathTrial {
  private static final long LARGE_BYTES = 16 << 20;
  private static final int RUNS = 4; // alternating paths
  private static final long GROWTH = 4;
  private static final long AGREE_SIGNATURE = -1;

  private final SharedGroup group;
  private final VmReader reader;
  private final int runLength; // operations in a row on one path; the first half warms up
  private final long[] agreed = new long[2];
  private ForeignPath chosen = ForeignPath.WINDOW;
  private boolean readable = true;
  private long operations;
  private long nextTrial; // operation at which the next trial begins
  private long runNanos; // of the measured operations of this run
  private long bestWindowNanos = Long.MAX_VALUE;
  private long bestReadNanos = Long.MAX_VALUE;

  /// Makes a trial for vectors of about `bytes` bytes.
  PathTrial(SharedGroup group, VmReader reader, long bytes) {
    this.group = group;
    this.reader = reader;
    this.runLength = Math.clamp(LARGE_BYTES / bytes, 2, 8); // caches settle in between
    this.nextTrial =
        bytes >= LARGE_BYTES / 16 ? 0 : 1000; // by then the code of either path is compiled
  }

  /// Returns the path for the operation about to run.
  ForeignPath current() {
    if (!isMeasuring()) {
      return chosen;
    }
    long run = (operations - nextTrial) / runLength;
    return run % 2 == 0 ? ForeignPath.WINDOW : ForeignPath.VM_READ;
  }

  /// Returns whether the operation about to run is part of a trial.
  boolean isMeasuring() {
    return readable && operations >= nextTrial;
  }

  /// Counts an operation on foreign buffers; one that begins or ends a trial exchanges entries.
  ///
  /// @param nanos how long it took, if [#isMeasuring] was true before it
  void record(ForeignPath path, long nanos) {
    boolean measured = isMeasuring();
    long trial = operations - nextTrial;
    operations++;
    if (!measured) {
      return;
    }
    if (trial == 0) {
      agreed[0] = reader.isAllowed() ? 0 : 1;
      agreed[1] = 0;
      group.agreeOnMaximum(AGREE_SIGNATURE, agreed);
      readable = agreed[0] == 0;
    }
    long place = trial % runLength;
    if (place == runLength / 2) {
      runNanos = 0; // the operations before warmed up
    }
    runNanos += nanos;
    if (place == runLength - 1) {
      if (path == ForeignPath.WINDOW) {
        bestWindowNanos = Math.min(bestWindowNanos, runNanos);
      } else {
        bestReadNanos = Math.min(bestReadNanos, runNanos);
      }
    }
    if (trial == (long) RUNS * runLength - 1) {
      decide();
    }
  }

  private void decide() {
    agreed[0] = bestWindowNanos;
    agreed[1] = bestReadNanos;
    group.agreeOnMaximum(AGREE_SIGNATURE, agreed);
    chosen = agreed[1] < agreed[0] ? ForeignPath.VM_READ : ForeignPath.WINDOW;
    bestWindowNanos = Long.MAX_VALUE;
    bestReadNanos = Long.MAX_VALUE;
    nextTrial = operations * GROWTH;
  }

  /// Returns the path in use outside trials, for people.
  ForeignPath chosen() {
    return chosen;
  }
}
