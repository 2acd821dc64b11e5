package dev.tutti.collectives.execute;

import dev.tutti.collectives.schedule.Partition;

/// Where the parts of an [OwnerExchange] are: what a vector is cut into, along it and among owners.
///
/// Of a vector, slice s covers elements `[s * L, min((s + 1) * L, count))`, and part m of it is
/// chunk m of the partition, its bounds rounded down to cache lines. Example, 4 ranks, float32, L =
/// 128, count = 150: slice 1 has 22 elements, chunks start at 0, 5, 11, 16 and, rounded to 16
/// elements, at 0, 0, 0, 16, so ranks 2 and 3 own 16 and 6 elements.
///
/// Of a reduce-scatter, slice s covers elements `[s * L, min((s + 1) * L, count))` of every block,
/// and part m is that range of block m.
///
/// Of results that differ from rank to rank a result slot holds one after the other, so slices are
/// shorter by a line for each.
final class OwnerParts {
  private static final int LINE_BYTES = 64;

  private final Partition owners;
  private final int ranks;
  private final boolean isVector;
  private final boolean differs;
  private long count; // elements of the vector or of a block
  private int elementBytes;
  private long sliceElements; // of the vector or of a block

  /// Makes the parts.
  ///
  /// @param owners chunk r is the part of rank r of a vector
  /// @param isVector whether that is what is cut, not blocks
  /// @param differs whether each rank has another result
  OwnerParts(Partition owners, int ranks, boolean isVector, boolean differs) {
    this.owners = owners;
    this.ranks = ranks;
    this.isVector = isVector;
    this.differs = differs;
  }

  /// Cuts an operation so that slices fit a window slot.
  void cut(long elements, int bytesPerElement, long slotBytes) {
    count = elements;
    elementBytes = bytesPerElement;
    long slot = slotBytes / bytesPerElement;
    long lines = (long) ranks * LINE_BYTES / bytesPerElement;
    if (!isVector || (differs && slot <= lines)) {
      sliceElements = Math.max(1, slot / ranks);
    } else {
      sliceElements = differs ? slot - lines : slot;
    }
  }

  /// Makes one slice of everything.
  void whole() {
    sliceElements = Math.max(1, count);
  }

  /// Makes slices as long as that parts have so many bytes, if they are shorter.
  void lengthen(long partBytes) {
    long elements = partBytes / elementBytes;
    sliceElements = Math.max(sliceElements, isVector ? elements * ranks : elements);
  }

  /// Returns the number of slices, at least 1.
  long slices() {
    return Math.max(1, (count + sliceElements - 1) / sliceElements);
  }

  private long sliceLength(long slice) {
    return Math.min(sliceElements, count - slice * sliceElements);
  }

  private long partStart(long length, int m) {
    if (m == ranks) {
      return length;
    }
    long lineElements = LINE_BYTES / elementBytes;
    return owners.start(m, length) / lineElements * lineElements;
  }

  /// Returns the size of a part.
  long bytes(long slice, int m) {
    long length = sliceLength(slice);
    long elements = isVector ? partStart(length, m + 1) - partStart(length, m) : length;
    return elements * elementBytes;
  }

  /// Returns where a part begins in a window slot.
  long inSlot(long slice, int m) {
    long element = isVector ? partStart(sliceLength(slice), m) : (long) m * sliceElements;
    return element * elementBytes;
  }

  /// Returns where a part begins in the data of each rank.
  long inVector(long slice, int m) {
    long element =
        isVector
            ? slice * sliceElements + partStart(sliceLength(slice), m)
            : m * count + slice * sliceElements;
    return element * elementBytes;
  }

  /// Returns where a part begins in the result of its owner.
  long inResult(long slice, int m) {
    return isVector ? inVector(slice, m) : slice * sliceElements * elementBytes;
  }
}
