package dev.tutti.collectives.kernel;

import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/// Source and target ranges of one kernel call, each between guard bytes.
final class Operands {
  private static final int GUARD = 192;
  private static final byte CANARY = 0x5a;

  final DataType type;
  final int count;
  final long[] sources;
  final long[] targets;
  private final MemorySegment[] sourceRanges;
  private final MemorySegment[] targetRanges;
  private final long[][] values;

  /// Allocates the ranges `misalignment` bytes off a cache line and fills the sources.
  ///
  /// @param isInPlace whether the last target is the first source
  Operands(
      Arena arena,
      Random random,
      DataType type,
      int count,
      int sourceCount,
      int targetCount,
      int misalignment,
      boolean isInPlace) {
    this.type = type;
    this.count = count;
    sources = new long[sourceCount];
    targets = new long[targetCount];
    sourceRanges = new MemorySegment[sourceCount];
    targetRanges = new MemorySegment[targetCount];
    values = new long[sourceCount][count];
    for (int s = 0; s < sourceCount; s++) {
      sourceRanges[s] = range(arena, misalignment);
      sources[s] = sourceRanges[s].address() + GUARD + misalignment;
      for (int i = 0; i < count; i++) {
        values[s][i] = randomElement(random, type);
      }
    }
    for (int t = 0; t < targetCount; t++) {
      boolean isShared = isInPlace && t == targetCount - 1;
      targetRanges[t] = isShared ? sourceRanges[0] : range(arena, misalignment);
      targets[t] = targetRanges[t].address() + GUARD + misalignment;
    }
    reset();
  }

  private MemorySegment range(Arena arena, int misalignment) {
    return arena.allocate((long) count * type.bytes() + 2 * GUARD + misalignment, 64);
  }

  /// Half the floats are any bit pattern, which is often a NaN, an infinity or subnormal; half are
  /// of a size whose sums and products mostly stay finite.
  private static long randomElement(Random random, DataType type) {
    if (!type.isFloatingPoint() || random.nextBoolean()) {
      return switch (random.nextInt(8)) {
        case 0 -> 0;
        case 1 -> 1L << (type.bytes() * 8 - 1);
        default -> random.nextLong();
      };
    }
    float value = (float) random.nextGaussian() * 4;
    return switch (type) {
      case FLOAT64 -> Double.doubleToRawLongBits(random.nextGaussian() * 4);
      case FLOAT16 -> Float.floatToFloat16(value);
      case BFLOAT16 -> Float.floatToRawIntBits(value) >>> 16;
      case FLOAT8_E4M3 -> random.nextInt(0x40) | random.nextInt(2) << 7;
      case FLOAT8_E5M2 -> random.nextInt(0x44) | random.nextInt(2) << 7;
      case FLOAT32, INT8, UINT8, INT32, UINT32, INT64, UINT64 -> Float.floatToRawIntBits(value);
    };
  }

  /// Restores the sources, and the canaries everywhere else.
  void reset() {
    for (MemorySegment range : targetRanges) {
      range.fill(CANARY);
    }
    for (int s = 0; s < sources.length; s++) {
      sourceRanges[s].fill(CANARY);
      long first = sources[s] - sourceRanges[s].address();
      for (int i = 0; i < count; i++) {
        put(sourceRanges[s], first + (long) i * type.bytes(), values[s][i]);
      }
    }
  }

  /// Returns element `index` of every source.
  long[] elements(int index) {
    long[] elements = new long[sources.length];
    for (int s = 0; s < sources.length; s++) {
      elements[s] = values[s][index];
    }
    return elements;
  }

  /// Returns element `index` of a target; the bits above the element are zero.
  long result(int target, int index) {
    MemorySegment range = targetRanges[target];
    long offset = targets[target] - range.address() + (long) index * type.bytes();
    return switch (type.bytes()) {
      case 1 -> range.get(ValueLayout.JAVA_BYTE, offset) & 0xffL;
      case 2 -> range.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset) & 0xffffL;
      case 4 -> range.get(ValueLayout.JAVA_INT_UNALIGNED, offset) & 0xffff_ffffL;
      default -> range.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    };
  }

  private void put(MemorySegment range, long offset, long bits) {
    switch (type.bytes()) {
      case 1 -> range.set(ValueLayout.JAVA_BYTE, offset, (byte) bits);
      case 2 -> range.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (short) bits);
      case 4 -> range.set(ValueLayout.JAVA_INT_UNALIGNED, offset, (int) bits);
      default -> range.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, bits);
    }
  }

  /// Returns the first target with a changed guard byte, or -1.
  int targetWithBrokenGuard() {
    for (int t = 0; t < targets.length; t++) {
      MemorySegment range = targetRanges[t];
      long first = targets[t] - range.address();
      long end = first + (long) count * type.bytes();
      for (long i = 0; i < range.byteSize(); i++) {
        if ((i < first || i >= end) && range.get(ValueLayout.JAVA_BYTE, i) != CANARY) {
          return t;
        }
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return "%s, %d elements, %d sources, %d targets, first target at ..%02x"
        .formatted(type, count, sources.length, targets.length, targets[0] & 63);
  }
}
