package dev.tutti.collectives.schedule;

/// One chunk of one buffer of the local rank.
///
/// For INPUT and OUTPUT `index` is the chunk of the [Partition]. SCRATCH is a sequence of
/// vector-shaped copies: index `copy * chunks + chunk` is chunk `chunk` of copy `copy`, so `index %
/// chunks` always tells which chunk's length applies.
///
/// @param buffer where the chunk lies
/// @param index chunk number, at least 0
public record Operand(Buffer buffer, int index) {
  /// Checks the index.
  public Operand {
    if (index < 0) {
      throw new IllegalArgumentException("operand index " + index + " is negative");
    }
  }

  /// Returns chunk `index` of the send buffer.
  public static Operand input(int index) {
    return new Operand(Buffer.INPUT, index);
  }

  /// Returns chunk `index` of the receive buffer.
  public static Operand output(int index) {
    return new Operand(Buffer.OUTPUT, index);
  }

  /// Returns chunk `index` of the scratch memory.
  public static Operand scratch(int index) {
    return new Operand(Buffer.SCRATCH, index);
  }
}
