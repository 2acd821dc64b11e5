package dev.tutti.collectives;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/// The arithmetic of a [CustomReduction], over whole ranges of elements.
///
/// It must be a function of its operands alone and associative, and work on each index by itself:
/// the same ranges may come in any number of calls. Calls come from any thread, of several ranks of
/// one JVM at the same time.
@FunctionalInterface
public interface Combiner {
  /// Computes `target[i] = left[i] op right[i]` for every element.
  ///
  /// All three segments are exactly `count` elements long, aligned to the element's size, in native
  /// byte order, and good on the calling thread until this returns: later and elsewhere they throw.
  /// `left` and `right` are read-only. `target` may be the memory of `left` or of `right`, or
  /// disjoint from both, but never overlaps them partly: read element i of both before you write
  /// element i.
  ///
  /// Must not communicate. What it throws ends the operation on every rank.
  ///
  /// @param left operands of the lower ranks if the reduction is in rank order
  /// @param right operands of the higher ranks
  /// @param target where the results go
  /// @param count number of elements, at least 1
  void combine(MemorySegment left, MemorySegment right, MemorySegment target, long count);

  /// Returns a combiner of 64-bit integers, one by one.
  static Combiner ofLongs(LongBinaryOperator operator) {
    return (left, right, target, count) -> {
      for (long i = 0; i < count; i++) {
        long a = left.getAtIndex(ValueLayout.JAVA_LONG, i);
        long b = right.getAtIndex(ValueLayout.JAVA_LONG, i);
        target.setAtIndex(ValueLayout.JAVA_LONG, i, operator.applyAsLong(a, b));
      }
    };
  }

  /// Returns a combiner of 64-bit floats, one by one.
  static Combiner ofDoubles(DoubleBinaryOperator operator) {
    return (left, right, target, count) -> {
      for (long i = 0; i < count; i++) {
        double a = left.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        double b = right.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        target.setAtIndex(ValueLayout.JAVA_DOUBLE, i, operator.applyAsDouble(a, b));
      }
    };
  }
}
