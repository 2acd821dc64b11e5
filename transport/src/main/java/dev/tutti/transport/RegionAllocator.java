package dev.tutti.transport;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// First-fit allocator over the offsets of one region; neighbouring free ranges merge.
///
/// Allocation is rare (communicator creation and [MemoryDomain#allocate]), so clarity beats speed:
/// O(free ranges). Thread-safe.
public final class RegionAllocator {
  private final long capacityBytes;
  private final TreeMap<Long, Long> free = new TreeMap<>(); // offset -> bytes
  private final Map<Long, Long> used = new HashMap<>(); // offset -> bytes

  /// Makes an allocator of offsets `[firstOffset, capacityBytes)`.
  public RegionAllocator(long firstOffset, long capacityBytes) {
    this.capacityBytes = capacityBytes;
    free.put(firstOffset, capacityBytes - firstOffset);
  }

  /// Returns the offset of a free range, a multiple of `alignment`.
  ///
  /// @throws OutOfMemoryError if no free range is large enough
  public synchronized long allocate(long bytes, long alignment) {
    long wanted = Math.max(bytes, 1);
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      long start = range.getKey();
      long end = start + range.getValue();
      long offset = (start + alignment - 1) & -alignment;
      if (offset <= end - wanted) {
        return take(start, end, offset, wanted);
      }
    }
    throw new OutOfMemoryError(
        "no "
            + bytes
            + " bytes left in the shared region of "
            + capacityBytes
            + " bytes; enlarge it with tutti.regionBytes");
  }

  private long take(long start, long end, long offset, long bytes) {
    free.remove(start);
    if (offset > start) {
      free.put(start, offset - start);
    }
    if (end > offset + bytes) {
      free.put(offset + bytes, end - offset - bytes);
    }
    used.put(offset, bytes);
    return offset;
  }

  /// Frees the range at an offset and returns its size in bytes.
  ///
  /// @throws IllegalArgumentException if the offset was not allocated
  public synchronized long free(long offset) {
    Long bytes = used.remove(offset);
    if (bytes == null) {
      throw new IllegalArgumentException("offset " + offset + " is not allocated");
    }
    long start = offset;
    long end = offset + bytes;
    Map.Entry<Long, Long> before = free.lowerEntry(start);
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
      free.remove(start);
    }
    Long after = free.remove(end);
    if (after != null) {
      end += after;
    }
    free.put(start, end - start);
    return bytes;
  }
}
