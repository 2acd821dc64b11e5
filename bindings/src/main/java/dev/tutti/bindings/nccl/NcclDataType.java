package dev.tutti.bindings.nccl;

/// The types of elements, in the order of their numbers.
public enum NcclDataType {
  /// 8 bits, signed.
  INT8(1),
  /// 8 bits, unsigned.
  UINT8(1),
  /// 32 bits, signed.
  INT32(4),
  /// 32 bits, unsigned.
  UINT32(4),
  /// 64 bits, signed.
  INT64(8),
  /// 64 bits, unsigned.
  UINT64(8),
  /// IEEE 754 binary16.
  FLOAT16(2),
  /// IEEE 754 binary32.
  FLOAT32(4),
  /// IEEE 754 binary64.
  FLOAT64(8),
  /// The upper half of a binary32.
  BFLOAT16(2),
  /// 4 bits of exponent; since 2.24.
  FLOAT8_E4M3(1),
  /// 5 bits of exponent; since 2.24.
  FLOAT8_E5M2(1);

  private static final int FLOAT8_SINCE = 2_2403;

  private final int bytes;

  NcclDataType(int bytes) {
    this.bytes = bytes;
  }

  /// The number of bytes of an element.
  public int bytes() {
    return bytes;
  }

  /// Its number in C.
  public int code() {
    return ordinal();
  }

  /// The first version that has it.
  public int since() {
    return bytes == 1 && this != INT8 && this != UINT8 ? FLOAT8_SINCE : NcclLibrary.OLDEST;
  }
}
