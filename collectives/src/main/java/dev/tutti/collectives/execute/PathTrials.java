package dev.tutti.collectives.execute;

/// The [PathTrial]s of one exchange, one per size class from [#LEAST_BYTES] to [#MOST_BYTES];
/// below, the window is faster than a system call, above, pages are pinned for long. Where reading
/// is the usual path, all size classes have one.
final class PathTrials {
  private static final long LEAST_BYTES = 64 << 10;

  /// Largest vector that may be read with `process_vm_readv`.
  static final long MOST_BYTES = 8 << 20;

  private final long leastBytes;
  private final long mostBytes;
  private final PathTrial[] trials = new PathTrial[Long.SIZE + 1];

  /// Makes the trials of an exchange.
  ///
  /// @param usual the path without a trial: the window, against which reading is tried, or reading
  PathTrials(SharedGroup group, VmReader reader, ForeignPath usual) {
    boolean reads = usual == ForeignPath.VM_READ;
    this.leastBytes = reads ? 1 : LEAST_BYTES;
    this.mostBytes = reads ? Long.MAX_VALUE : MOST_BYTES;
    for (int sizeClass = 0; sizeClass < trials.length; sizeClass++) {
      trials[sizeClass] = new PathTrial(group, reader, 1L << Math.min(sizeClass, 62), usual);
    }
  }

  /// Returns the path for the operation about to run.
  ForeignPath path(long bytes) {
    return hasTrial(bytes) ? trial(bytes).current() : ForeignPath.WINDOW;
  }

  /// Returns whether [#record] wants to know how long the operation about to run takes.
  boolean isMeasuring(long bytes) {
    return hasTrial(bytes) && trial(bytes).isMeasuring();
  }

  /// Counts an operation on foreign buffers and records how long it took; see [PathTrial#record].
  void record(long bytes, long nanos) {
    if (hasTrial(bytes)) {
      trial(bytes).record(nanos);
    }
  }

  /// Returns in words how foreign buffers are read.
  String describe(long bytes) {
    return hasTrial(bytes) && trial(bytes).chosen() == ForeignPath.VM_READ
        ? "foreign by vm-read"
        : "foreign by window";
  }

  private boolean hasTrial(long bytes) {
    return bytes >= leastBytes && bytes <= mostBytes;
  }

  private PathTrial trial(long bytes) {
    return trials[Long.SIZE - Long.numberOfLeadingZeros(bytes)];
  }
}
