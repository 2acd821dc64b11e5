package dev.tutti.collectives.schedule;

/// Memory that an [Operand] lies in.
public enum Buffer {
  /// The caller's send buffer; read only.
  INPUT,
  /// The caller's receive buffer.
  OUTPUT,
  /// Working memory of the engine, see [Schedule#scratchCopies()].
  SCRATCH
}
