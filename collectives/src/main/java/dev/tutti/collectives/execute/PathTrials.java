package dev.tutti.collectives.execute;

/// The [PathTrial]s of one exchange, one per size class from [#LEAST_BYTES] on; below, the window
/// is always faster than a system call.
final class PathTrials {
  /// Least vector that may be read with `process_vm_readv`.
  static final long LEAST_BYTES = 64 << 10;

  /// Largest vector that may be read with `process_vm_readv`.
  static final long MOST_BYTES = 8 << 20;

  private final PathTrial[] trials = new PathTrial[Long.SIZE + 1];

  PathTrials(SharedGroup group, VmReader reader) {
    for (int sizeClass = 0; sizeClass < trials.length; sizeClass++) {
      trials[sizeClass] = new PathTrial(group, reader, 1L << Math.min(sizeClass, 62));
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

  private static boolean hasTrial(long bytes) {
    return bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
  }

  private PathTrial trial(long bytes) {
    return trials[Long.SIZE - Long.numberOfLeadingZeros(bytes)];
  }
}
