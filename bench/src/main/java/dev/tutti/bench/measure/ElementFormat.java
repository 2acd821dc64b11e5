package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes small integers as elements of any type.
final class ElementFormat {
  private ElementFormat() {}

  /// Writes an integer that the type represents exactly.
  static void write(MemorySegment target, DataType type, long index, long value) {
    long offset = index * type.bytes();
    switch (type) {
      case INT8, UINT8 -> target.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
      case FLOAT8_E4M3 -> target.set(ValueLayout.JAVA_BYTE, offset, narrow(value, 4, 3));
      case FLOAT8_E5M2 -> target.set(ValueLayout.JAVA_BYTE, offset, narrow(value, 5, 2));
      case FLOAT16 ->
          target.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, Float.floatToFloat16((float) value));
      case BFLOAT16 ->
          target.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              offset,
              (short) (Float.floatToRawIntBits((float) value) >>> 16));
      case INT32, UINT32 -> target.set(ValueLayout.JAVA_INT_UNALIGNED, offset, (int) value);
      case FLOAT32 -> target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, (float) value);
      case INT64, UINT64 -> target.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, value);
      case FLOAT64 -> target.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, (double) value);
    }
  }

  /// Returns the 8-bit float of a value that is zero or a normal number of that type: the sign, the
  /// exponent with its new bias, the leading bits of the significand.
  private static byte narrow(long value, int exponentBits, int significandBits) {
    if (value == 0) {
      return 0;
    }
    int bits = Float.floatToRawIntBits((float) value);
    int sign = (bits >>> 31) << 7;
    int exponent = ((bits >>> 23) & 0xff) - 127 + (1 << (exponentBits - 1)) - 1;
    int significand = (bits & 0x7fffff) >>> (23 - significandBits);
    return (byte) (sign | exponent << significandBits | significand);
  }
}
