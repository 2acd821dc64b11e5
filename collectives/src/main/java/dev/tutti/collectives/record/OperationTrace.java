package dev.tutti.collectives.record;

/// A second listener to the operations of a recorder: JFR, where that is present.
interface OperationTrace {
  /// An operation begins. Returns whether the next ones are wanted, too.
  boolean begin();

  /// The operation that began last has ended.
  void end(long number, long signature, String algorithm);
}
