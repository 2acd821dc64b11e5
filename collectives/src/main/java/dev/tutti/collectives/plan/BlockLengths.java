package dev.tutti.collectives.plan;

/// Whether the blocks of an operation are of one length.
public enum BlockLengths {
  /// They are.
  EQUAL,
  /// Each has its own, and not every rank needs to know them all.
  UNEVEN
}
