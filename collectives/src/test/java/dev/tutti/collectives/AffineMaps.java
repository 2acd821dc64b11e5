package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// Maps x -> a x + b of 32-bit integers, packed in longs; their composition is associative but not
/// commutative, so that a result tells the order of its operands.
final class AffineMaps {
  static final CustomReduction COMPOSE =
      CustomReduction.inRankOrder("compose", Combiner.ofLongs(AffineMaps::compose), DataType.INT64);

  private AffineMaps() {}

  private static long map(int a, int b) {
    return ((long) a << 32) | (b & 0xffffffffL);
  }

  /// Returns the map that applies `second` and then `first`.
  static long compose(long first, long second) {
    int a = (int) (first >> 32);
    return map(a * (int) (second >> 32), a * (int) second + (int) first);
  }

  /// Returns what a rank contributes at an index.
  static long of(int rank, long index) {
    long mixed = (1000 * index + rank + 1) * 0x9E3779B97F4A7C15L;
    return (mixed ^ (mixed >>> 29)) | (1L << 32); // invertible, or everything would end as 0
  }

  /// Returns the composition of the maps of the first ranks.
  static long ofFirst(int ranks, long index) {
    long result = of(0, index);
    for (int r = 1; r < ranks; r++) {
      result = compose(result, of(r, index));
    }
    return result;
  }

  static void fill(MemorySegment data, int rank) {
    for (long i = 0; i < data.byteSize() / 8; i++) {
      data.setAtIndex(JAVA_LONG_UNALIGNED, i, of(rank, i));
    }
  }

  /// Checks that a segment holds the composition over the first ranks, from an index on.
  static void check(String what, MemorySegment data, int ranks, long from) {
    for (long i = 0; i < data.byteSize() / 8; i++) {
      long expected = ofFirst(ranks, from + i);
      long actual = data.getAtIndex(JAVA_LONG_UNALIGNED, i);
      if (actual != expected) {
        throw new AssertionError(
            "%s, element %d: %x instead of %x".formatted(what, i, actual, expected));
      }
    }
  }
}
