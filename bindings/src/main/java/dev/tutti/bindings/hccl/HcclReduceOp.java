package dev.tutti.bindings.hccl;

/// The reduction operators, in the order of their numbers. There is no average.
public enum HcclReduceOp {
  /// Sum.
  SUM,
  /// Product.
  PROD,
  /// Maximum.
  MAX,
  /// Minimum.
  MIN;

  /// Its number in C.
  public int code() {
    return ordinal();
  }
}
