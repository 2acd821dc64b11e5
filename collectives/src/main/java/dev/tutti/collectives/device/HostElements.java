package dev.tutti.collectives.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The little arithmetic on elements that the host does for a device's library.
final class HostElements {
  private HostElements() {}

  /// Returns a bfloat16 as a float32: it is the upper half.
  private static float bfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// Rounds a float32 to bfloat16, to nearest, ties to even.
  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40); // stays a NaN when its lower half is dropped
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /// Allocates one element with a value.
  static MemorySegment element(Arena arena, DataType type, double value) {
    MemorySegment element = arena.allocate(Long.BYTES, Long.BYTES);
    switch (type) {
      case FLOAT64 -> element.set(JAVA_DOUBLE_UNALIGNED, 0, value);
      case FLOAT32 -> element.set(JAVA_FLOAT_UNALIGNED, 0, (float) value);
      case FLOAT16 -> element.set(JAVA_SHORT_UNALIGNED, 0, Float.floatToFloat16((float) value));
      case BFLOAT16 -> element.set(JAVA_SHORT_UNALIGNED, 0, toBfloat16((float) value));
      default -> throw new UnsupportedOperationException("a factor of type " + type);
    }
    return element;
  }

  /// Divides elements of all types but 8-bit floats, as [dev.tutti.collectives.ReduceOp#AVG] does.
  static void divide(MemorySegment elements, long count, DataType type, int by) {
    long bytes = type.bytes();
    for (long at = 0; at < count * bytes; at += bytes) {
      switch (type) {
        case INT8 -> elements.set(JAVA_BYTE, at, (byte) (elements.get(JAVA_BYTE, at) / by));
        case UINT8 ->
            elements.set(
                JAVA_BYTE, at, (byte) (Byte.toUnsignedInt(elements.get(JAVA_BYTE, at)) / by));
        case UINT32 ->
            elements.set(
                JAVA_INT_UNALIGNED,
                at,
                Integer.divideUnsigned(elements.get(JAVA_INT_UNALIGNED, at), by));
        case UINT64 ->
            elements.set(
                JAVA_LONG_UNALIGNED,
                at,
                Long.divideUnsigned(elements.get(JAVA_LONG_UNALIGNED, at), by));
        case FLOAT64 ->
            elements.set(JAVA_DOUBLE_UNALIGNED, at, elements.get(JAVA_DOUBLE_UNALIGNED, at) / by);
        case INT32 ->
            elements.set(JAVA_INT_UNALIGNED, at, elements.get(JAVA_INT_UNALIGNED, at) / by);
        case INT64 ->
            elements.set(JAVA_LONG_UNALIGNED, at, elements.get(JAVA_LONG_UNALIGNED, at) / by);
        case FLOAT32 ->
            elements.set(JAVA_FLOAT_UNALIGNED, at, elements.get(JAVA_FLOAT_UNALIGNED, at) / by);
        case FLOAT16 -> {
          float sum = Float.float16ToFloat(elements.get(JAVA_SHORT_UNALIGNED, at));
          elements.set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(sum / by));
        }
        case BFLOAT16 -> {
          float sum = bfloat16(elements.get(JAVA_SHORT_UNALIGNED, at));
          elements.set(JAVA_SHORT_UNALIGNED, at, toBfloat16(sum / by));
        }
        default -> throw new UnsupportedOperationException("an average of type " + type);
      }
    }
  }
}
