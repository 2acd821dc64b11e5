package dev.tutti.collectives.kernel;

import java.lang.foreign.MemorySegment;

/// Bulk copies between raw addresses; [dev.tutti.transport.Memory] has the words.
///
/// Nothing is checked: an address that is not mapped kills the process, so bounds are established
/// by the caller, once, at the public edge.
public final class Memory {
  /// The whole address space. Vector loads through it cost what they cost through a segment of the
  /// exact size (1.04 against 1.05 microseconds for a float32 sum over 3 x 64 KiB); loops over
  /// single elements do not, they are not vectorised.
  static final MemorySegment ALL = dev.tutti.transport.Memory.ALL;

  private Memory() {}

  /// Copies `bytes` bytes from address `source` to address `target`; the ranges may overlap.
  public static void copy(long target, long source, long bytes) {
    MemorySegment.copy(ALL, source, ALL, target, bytes);
  }

  /// Copies `bytes` bytes past the cache from address `source` to address `target`; the ranges must
  /// not overlap. Uses ordinary stores where streaming is not available.
  public static void copyStreaming(long target, long source, long bytes) {
    StreamingStores.copy(target, source, bytes);
  }
}
