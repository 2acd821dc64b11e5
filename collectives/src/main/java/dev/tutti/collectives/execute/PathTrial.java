package dev.tutti.collectives.execute;

import java.util.Arrays;

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
/// An exchange may also ask for reading without a trial. That is what it gets from the second
/// operation on, if all members can.
///
/// All members run the same operations, so all are always at the same point. Used by one thread at
/// a time.
final class PathTrial {
  private static final long EARLY_BYTES = 1 << 20;
  private static final int RUNS = 4; // window, read, window, read
  private static final double LEAST_GAIN = 1.1; // for which to leave the window
  private static final long COMPILED = 1000; // operations after which the code of a path is
  private static final long GROWTH = 4;
  private static final long AGREE_SIGNATURE = -1;

  private final SharedGroup group;
  private final VmReader reader;
  private final ForeignPath usual;
  private final int runLength; // operations in a row on one path; the first half warms up
  private final long[] agreed = new long[RUNS];
  private ForeignPath chosen = ForeignPath.WINDOW;
  private boolean readable = true;
  private long operations;
  private long nextTrial; // operation at which the next trial begins
  private final long[] runNanos = new long[RUNS]; // of the measured operations of each run

  /// Makes a trial for vectors of about `bytes` bytes.
  ///
  /// @param usual the path without a trial: reading is not tried against the window
  PathTrial(SharedGroup group, VmReader reader, long bytes, ForeignPath usual) {
    this.group = group;
    this.reader = reader;
    this.runLength = Math.clamp(PathTrials.MOST_BYTES / bytes, 4, 8); // caches settle in between
    this.usual = usual;
    boolean tries = usual == ForeignPath.WINDOW;
    this.nextTrial = tries ? (bytes >= EARLY_BYTES ? 0 : COMPILED) : Long.MAX_VALUE;
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
  void record(long nanos) {
    boolean measured = isMeasuring();
    long trial = operations - nextTrial;
    operations++;
    if (usual == ForeignPath.VM_READ && operations == 1) {
      agreeOnReading();
      chosen = readable ? ForeignPath.VM_READ : ForeignPath.WINDOW;
    }
    if (!measured) {
      return;
    }
    if (trial == 0) {
      agreeOnReading();
      Arrays.fill(runNanos, 0);
    }
    if (trial % runLength >= runLength / 2) {
      runNanos[(int) (trial / runLength)] += nanos;
    }
    if (trial == (long) RUNS * runLength - 1) {
      decide();
    }
  }

  private void agreeOnReading() {
    Arrays.fill(agreed, 0);
    agreed[0] = reader.isAllowed() ? 0 : 1;
    group.agreeOnMaximum(AGREE_SIGNATURE, agreed);
    readable = agreed[0] == 0;
  }

  /// A run took as long as on its slowest member.
  private void decide() {
    System.arraycopy(runNanos, 0, agreed, 0, RUNS);
    group.agreeOnMaximum(AGREE_SIGNATURE, agreed);
    long window = Math.min(agreed[0], agreed[2]);
    long read = Math.min(agreed[1], agreed[3]);
    chosen = window > LEAST_GAIN * read ? ForeignPath.VM_READ : ForeignPath.WINDOW;
    nextTrial = operations * GROWTH;
  }

  /// Returns the path in use outside trials, for people.
  ForeignPath chosen() {
    return chosen;
  }
}
