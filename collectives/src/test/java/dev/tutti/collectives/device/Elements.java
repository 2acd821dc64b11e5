package dev.tutti.collectives.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Elements whose sums and products over a few ranks are exact in every type.
final class Elements {
  private Elements() {}

  /// Allocates elements 1 to 3, different at each rank and place.
  static MemorySegment of(Arena arena, DataType type, long count, int rank) {
    MemorySegment elements = arena.allocate(Math.max(1, count) * type.bytes(), Long.BYTES);
    for (int i = 0; i < count; i++) {
      set(elements, type, i, 1 + (7 * rank + 5 * i) % 3);
    }
    return elements;
  }

  static MemorySegment zeros(Arena arena, DataType type, long count) {
    return arena.allocate(Math.max(1, count) * type.bytes(), Long.BYTES);
  }

  private static void set(MemorySegment elements, DataType type, int index, int value) {
    switch (type) {
      case INT8, UINT8 -> elements.setAtIndex(JAVA_BYTE, index, (byte) value);
      case INT32, UINT32 -> elements.setAtIndex(JAVA_INT, index, value);
      case INT64, UINT64 -> elements.setAtIndex(JAVA_LONG, index, value);
      case FLOAT32 -> elements.setAtIndex(JAVA_FLOAT, index, value);
      case FLOAT64 -> elements.setAtIndex(JAVA_DOUBLE, index, value);
      case FLOAT16 -> elements.setAtIndex(JAVA_SHORT, index, Float.floatToFloat16(value));
      case BFLOAT16 ->
          elements.setAtIndex(
              JAVA_SHORT, index, (short) (Float.floatToRawIntBits(value) >>> Short.SIZE));
      default -> throw new IllegalArgumentException(type.toString());
    }
  }
}
