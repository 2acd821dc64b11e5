package dev.tutti.collectives.execute;

import dev.tutti.collectives.schedule.Buffer;

/// What a chunk holds, as far as [Lowering] needs to know.
sealed interface Expression {
  /// A chunk of a rank's buffer as it stands when it is sent or first read.
  record Leaf(int rank, Buffer buffer, int chunk) implements Expression {}

  /// The combination of two values; the order of the operands does not matter.
  record Combined(Expression left, Expression right) implements Expression {}

  /// Returns the canonical tree over the INPUT chunk `chunk` of ranks `[low, high)`.
  static Expression canonical(int low, int high, int chunk) {
    if (high - low == 1) {
      return new Leaf(low, Buffer.INPUT, chunk);
    }
    int middle = low + Integer.highestOneBit(high - low - 1);
    return new Combined(canonical(low, middle, chunk), canonical(middle, high, chunk));
  }

  /// Returns whether two expressions are equal up to the order of operands.
  static boolean same(Expression a, Expression b) {
    if (a instanceof Combined x && b instanceof Combined y) {
      return (same(x.left(), y.left()) && same(x.right(), y.right()))
          || (same(x.left(), y.right()) && same(x.right(), y.left()));
    }
    return a.equals(b);
  }
}
