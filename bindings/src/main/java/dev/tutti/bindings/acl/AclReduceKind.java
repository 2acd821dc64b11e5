package dev.tutti.bindings.acl;

import dev.tutti.bindings.acl.generated.LibAcl;

/// How a device reduces. Old chips only sum.
public enum AclReduceKind {
  /// Sum.
  SUM(LibAcl.ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM()),
  /// Maximum.
  MAX(LibAcl.ACL_RT_MEMCPY_SDMA_AUTOMATIC_MAX()),
  /// Minimum.
  MIN(LibAcl.ACL_RT_MEMCPY_SDMA_AUTOMATIC_MIN());

  private final int code;

  AclReduceKind(int code) {
    this.code = code;
  }

  /// Its number in C.
  public int code() {
    return code;
  }
}
