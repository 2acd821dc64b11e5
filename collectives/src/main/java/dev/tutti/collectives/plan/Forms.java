package dev.tutti.collectives.plan;

/// How plans may be executed.
public enum Forms {
  /// By the interpreter, or in a lowered form that shared memory executes faster.
  ANY,
  /// By the interpreter alone, which rounds 16-bit and 8-bit floats after every step wherever it
  /// runs, where lowered forms round once.
  INTERPRETED,
  /// In a lowered form alone, in which a kernel gets the contributions of all ranks in one call.
  LOWERED,
  /// Composed, with the data encoded on the way; never asked of a planner.
  ENCODED
}
