package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Buffers of int32 test data whose element i of rank r is known.
final class IntBuffers {
  static final int INT = 4;
  private static final byte GUARD = 0x5a;

  private IntBuffers() {}

  /// What a buffer must hold.
  @FunctionalInterface
  interface Expected {
    int at(long i);
  }

  /// Returns element i of a rank's data.
  static int value(int rank, long i) {
    long mixed = (31L * (rank + 1) + i) * 0x9E3779B97F4A7C15L; // Fibonacci hashing
    return (int) (mixed >>> 40) % 1000;
  }

  /// Returns the sum of element i over ranks 0 to `ranks - 1`.
  static int sum(int ranks, long i) {
    int sum = 0;
    for (int r = 0; r < ranks; r++) {
      sum += value(r, i);
    }
    return sum;
  }

  /// Allocates `count` elements at an odd address.
  static MemorySegment buffer(Arena arena, long count) {
    MemorySegment memory = arena.allocate(count * INT + 64, 64);
    memory.fill(GUARD);
    return memory.asSlice(17, count * INT);
  }

  /// Returns elements of a segment.
  static MemorySegment slice(MemorySegment segment, long start, long count) {
    return segment.asSlice(start * INT, count * INT);
  }

  /// Fills a segment with a rank's data from element `first` on.
  static void fill(MemorySegment segment, int rank, long first) {
    for (long i = 0; i < segment.byteSize() / INT; i++) {
      segment.set(JAVA_INT_UNALIGNED, i * INT, value(rank, first + i));
    }
  }

  /// Compares every element.
  static void check(String what, MemorySegment actual, Expected expected) {
    for (long i = 0; i < actual.byteSize() / INT; i++) {
      int value = actual.get(JAVA_INT_UNALIGNED, i * INT);
      if (value != expected.at(i)) {
        assertThat(value).as("%s element %d", what, i).isEqualTo(expected.at(i));
      }
    }
  }

  /// Checks that nothing has been written.
  static void checkUntouched(String what, MemorySegment actual) {
    for (long i = 0; i < actual.byteSize(); i++) {
      if (actual.get(JAVA_BYTE, i) != GUARD) {
        assertThat(actual.get(JAVA_BYTE, i)).as(what).isEqualTo(GUARD);
      }
    }
  }
}
