package dev.tutti.collectives;

/// Element type of a collective operation.
///
/// All multi-byte elements are in the machine's native byte order. The 16-bit and 8-bit float types
/// accumulate in float32: a reduction converts each operand to float32, combines, and rounds once
/// (to nearest, ties to even) when it stores.
public enum DataType {
  /// Signed 8-bit integer; arithmetic wraps.
  INT8(1),
  /// Unsigned 8-bit integer; arithmetic wraps, comparisons and averages are unsigned.
  UINT8(1),
  /// Signed 32-bit integer; arithmetic wraps.
  INT32(4),
  /// Unsigned 32-bit integer; arithmetic wraps, comparisons and averages are unsigned.
  UINT32(4),
  /// Signed 64-bit integer; arithmetic wraps.
  INT64(8),
  /// Unsigned 64-bit integer; arithmetic wraps, comparisons and averages are unsigned.
  UINT64(8),
  /// IEEE 754 binary16.
  FLOAT16(2),
  /// bfloat16: the upper half of a binary32.
  BFLOAT16(2),
  /// IEEE 754 binary32.
  FLOAT32(4),
  /// IEEE 754 binary64.
  FLOAT64(8),
  /// OCP 8-bit float E4M3 (no infinities; one NaN pattern per sign; largest finite value 448).
  FLOAT8_E4M3(1),
  /// OCP 8-bit float E5M2 (IEEE-like infinities and NaNs; largest finite value 57344).
  FLOAT8_E5M2(1);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /// Returns the size of one element in bytes.
  public int bytes() {
    return bytes;
  }

  /// Returns whether this is one of the floating-point types.
  public boolean isFloatingPoint() {
    return switch (this) {
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, FLOAT8_E4M3, FLOAT8_E5M2 -> true;
      case INT8, UINT8, INT32, UINT32, INT64, UINT64 -> false;
    };
  }
}
