package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;

/// A sequence of elements that repeats after a prime number of them, kept encoded, so that a buffer
/// is filled and compared at the speed of memory.
///
/// The period is no multiple of any power of two or of a usual number of ranks: data that end up a
/// chunk too far do not match.
final class TestPattern {
  /// Elements of one period.
  static final int PERIOD = 8191;

  private final MemorySegment period;
  private final int elementBytes;

  private TestPattern(MemorySegment period, int elementBytes) {
    this.period = period;
    this.elementBytes = elementBytes;
  }

  /// Makes the pattern whose element i is `value(i % PERIOD)`.
  ///
  /// @param arena owns the memory of the pattern
  static TestPattern create(Arena arena, DataType type, LongUnaryOperator value) {
    MemorySegment period = arena.allocate((long) PERIOD * type.bytes(), 64);
    for (int i = 0; i < PERIOD; i++) {
      ElementFormat.write(period, type, i, value.applyAsLong(i));
    }
    return new TestPattern(period, type.bytes());
  }

  /// Fills a buffer with the elements from `firstIndex` on.
  void fill(MemorySegment buffer, long firstIndex) {
    long bytes = buffer.byteSize();
    long phase = firstIndex % PERIOD * elementBytes;
    for (long offset = 0; offset < bytes; ) {
      long length = Math.min(bytes - offset, period.byteSize() - phase);
      MemorySegment.copy(period, phase, buffer, offset, length);
      offset += length;
      phase = 0;
    }
  }

  /// Returns how many elements of a buffer differ from those from `firstIndex` on.
  long mismatches(MemorySegment buffer, long firstIndex) {
    long bytes = buffer.byteSize();
    long phase = firstIndex % PERIOD * elementBytes;
    long wrong = 0;
    for (long offset = 0; offset < bytes; ) {
      long length = Math.min(bytes - offset, period.byteSize() - phase);
      wrong += mismatches(buffer, offset, phase, length);
      offset += length;
      phase = 0;
    }
    return wrong;
  }

  private long mismatches(MemorySegment buffer, long offset, long phase, long length) {
    long wrong = 0;
    for (long done = 0; done < length; ) {
      long at =
          MemorySegment.mismatch(
              buffer, offset + done, offset + length, period, phase + done, phase + length);
      if (at < 0) {
        break;
      }
      wrong++;
      done = ((done + at) / elementBytes + 1) * elementBytes; // go on behind the wrong element
    }
    return wrong;
  }
}
