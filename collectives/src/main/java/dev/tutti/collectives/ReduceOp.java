package dev.tutti.collectives;

/// Built-in element-wise operator of a reduction.
public enum ReduceOp implements Reduction {
  /// Sum over ranks.
  SUM,
  /// Product over ranks.
  PROD,
  /// Minimum over ranks; a NaN in any operand gives NaN.
  MIN,
  /// Maximum over ranks; a NaN in any operand gives NaN.
  MAX,
  /// Sum divided by the number of ranks: floats divide (as a float32 or float64 division before the
  /// final rounding), integers truncate towards zero.
  AVG,
  /// Sum of each rank's data multiplied by that rank's scalar. Floating-point types only.
  PRE_MUL_SUM;

  /// Returns true: the order of operands makes no difference to any of them.
  @Override
  public boolean isCommutative() {
    return true;
  }
}
