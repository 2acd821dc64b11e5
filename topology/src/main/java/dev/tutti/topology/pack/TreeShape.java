package dev.tutti.topology.pack;

/// Which of the trees that would fit are packed.
public enum TreeShape {
  /// Chains where they can be: every rank passes on what it gets to one other, slice by slice. Good
  /// where a port is what limits a rank, as no port is sought by several at once.
  CHAINS,
  /// As few steps from the root as can be: stars on a full mesh, where every pair has a link of its
  /// own.
  SHALLOW
}
