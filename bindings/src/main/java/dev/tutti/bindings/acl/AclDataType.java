package dev.tutti.bindings.acl;

import dev.tutti.bindings.acl.generated.LibAcl;

/// The types of elements that a device can reduce by itself. Which of them differs between chips:
/// all on the newest, [#FLOAT32] on the oldest.
public enum AclDataType {
  /// IEEE 754 binary32.
  FLOAT32(LibAcl.ACL_FLOAT(), 4),
  /// IEEE 754 binary16.
  FLOAT16(LibAcl.ACL_FLOAT16(), 2),
  /// The upper half of a binary32.
  BFLOAT16(LibAcl.ACL_BF16(), 2),
  /// 8 bits, signed.
  INT8(LibAcl.ACL_INT8(), 1),
  /// 16 bits, signed.
  INT16(LibAcl.ACL_INT16(), 2),
  /// 32 bits, signed.
  INT32(LibAcl.ACL_INT32(), 4),
  /// 32 bits, unsigned.
  UINT32(LibAcl.ACL_UINT32(), 4);

  private final int code;
  private final int bytes;

  AclDataType(int code, int bytes) {
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
