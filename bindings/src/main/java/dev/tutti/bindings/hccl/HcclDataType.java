package dev.tutti.bindings.hccl;

/// The types of elements. Which of them a collective takes differs between chips.
public enum HcclDataType {
  /// 8 bits, signed.
  INT8(0, 1),
  /// 16 bits, signed.
  INT16(1, 2),
  /// 32 bits, signed.
  INT32(2, 4),
  /// IEEE 754 binary16.
  FLOAT16(3, 2),
  /// IEEE 754 binary32.
  FLOAT32(4, 4),
  /// 64 bits, signed.
  INT64(5, 8),
  /// 64 bits, unsigned.
  UINT64(6, 8),
  /// 8 bits, unsigned.
  UINT8(7, 1),
  /// 16 bits, unsigned.
  UINT16(8, 2),
  /// 32 bits, unsigned.
  UINT32(9, 4),
  /// IEEE 754 binary64.
  FLOAT64(10, 8),
  /// The upper half of a binary32.
  BFLOAT16(11, 2),
  /// 4 bits of exponent; there since 8.5, but not for use.
  FLOAT8_E4M3(15, 1),
  /// 5 bits of exponent; there since 8.5, but not for use.
  FLOAT8_E5M2(16, 1);

  private final int code;
  private final int bytes;

  HcclDataType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /// Its number in C.
  public int code() {
    return code;
  }

  /// The number of bytes of an element.
  public int bytes() {
    return bytes;
  }
}
