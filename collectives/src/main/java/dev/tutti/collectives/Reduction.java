package dev.tutti.collectives;

/// What a collective combines elements with: a built-in operator ([ReduceOp]) or one of the user's
/// own ([CustomReduction]).
public sealed interface Reduction permits ReduceOp, CustomReduction {
  /// Returns its name.
  String name();

  /// Returns whether the operands may change places; if not, they are combined in the order of
  /// their ranks.
  boolean isCommutative();
}
