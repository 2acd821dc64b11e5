package dev.tutti.collectives.kernel;

/// The arithmetic of one (data type, operator) pair on raw memory.
///
/// Addresses are absolute and may have any alignment. An output range is either disjoint from each
/// input range or starts at the same address; a partial overlap gives unspecified values. Counts
/// are elements. No method allocates after the calling thread's first call, none checks its
/// arguments, and all may be called from any thread.
///
/// Results do not depend on the implementation (vector, array, native), on alignment or on how a
/// range is cut into calls, with one exception: *which* NaN a float32 or float64 result is, when an
/// operand is NaN, is unspecified, as in Java. Operands are combined left to right: `-0.0`,
/// subnormals, infinities and ties behave as in IEEE 754, minimum and maximum as in [Math#min] and
/// [Math#max] (a NaN operand gives NaN; `-0.0 < +0.0`), integers wrap.
public abstract class ReductionKernel {
  ReductionKernel() {}

  /// Writes `target[i] = left[i] op right[i]` for `count` elements.
  public abstract void combine(long target, long left, long right, long count);

  /// Reduces `sourceCount` ranges into `targetCount` equal ranges with ordinary stores.
  ///
  /// Same as [#combineAll(long[], int, long[], int, long, long, int, Stores)] with [Stores#CACHED].
  public final void combineAll(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offsetBytes,
      long count,
      int divisor) {
    combineAll(
        targets, targetCount, sources, sourceCount, offsetBytes, count, divisor, Stores.CACHED);
  }

  /// Reduces `sourceCount` ranges into `targetCount` equal ranges, reading every source once.
  ///
  /// Each address is `base + offsetBytes`. The operator is applied in the canonical balanced tree
  /// over the index of the source: `tree(lo, hi)` splits at the largest power of two below `hi -
  /// lo`, so five sources give `((s0 + s1) + (s2 + s3)) + s4`. Types narrower than 32 bits that are
  /// floats are widened to float32, combined there and rounded once. With `divisor` above one the
  /// result is then divided by it, before the rounding.
  public abstract void combineAll(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offsetBytes,
      long count,
      int divisor,
      Stores stores);

  /// Writes `target[i] = source[i] / divisor`; integers truncate towards zero. `target` may be
  /// `source`. This is the last step of an average whose sum took several steps.
  public abstract void divide(long target, long source, long count, int divisor);

  /// Writes `target[i] = source[i] * scalar`, computed in float32 (float64 for float64, where
  /// `scalar` is not rounded). `target` may be `source`. Floating-point types only.
  public abstract void scale(long target, long source, long count, double scalar);

  /// Returns the name of the implementation: `vector`, `vector+native`, `array` and so on.
  public abstract String implementation();
}
