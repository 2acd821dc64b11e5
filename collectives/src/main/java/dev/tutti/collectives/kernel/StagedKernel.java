package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;

/// Kernels that copy a block of each source into a heap array, compute on the arrays and copy the
/// result out.
///
/// The compiler vectorises a loop over arrays but not one over two memory segments, which it cannot
/// prove disjoint (JDK-8324751): for float32 the detour over arrays gives 120 GB/s in the cache, a
/// plain loop over segments 48.
///
/// @param <A> the array type that the arithmetic is done in
abstract class StagedKernel<A> extends ReductionKernel {
  private final int elementBytes;

  StagedKernel(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /// Returns the array of a slot.
  abstract A array(Staging staging, int slot);

  /// Reads `count` elements into the array.
  abstract void load(Staging staging, long address, A to, int count);

  /// Writes the first `count` elements of the array.
  abstract void store(Staging staging, A from, long address, int count);

  /// Computes `into[i] = into[i] op right[i]`.
  abstract void merge(A into, A right, int count);

  abstract void divide(A array, int divisor, int count);

  abstract void scale(A array, double scalar, int count);

  @Override
  public final void combine(long target, long left, long right, long count) {
    Staging staging = Staging.ofThread();
    A a = array(staging, 0);
    A b = array(staging, 1);
    for (long i = 0; i < count; i += Staging.ELEMENTS) {
      int n = (int) Math.min(Staging.ELEMENTS, count - i);
      long offset = i * elementBytes;
      load(staging, left + offset, a, n);
      load(staging, right + offset, b, n);
      merge(a, b, n);
      store(staging, a, target + offset, n);
    }
  }

  @Override
  public final void combineAll(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offsetBytes,
      long count,
      int divisor,
      Stores stores) {
    Staging staging = Staging.ofThread();
    A result = array(staging, 0);
    for (long i = 0; i < count; i += Staging.ELEMENTS) {
      int n = (int) Math.min(Staging.ELEMENTS, count - i);
      long offset = offsetBytes + i * elementBytes;
      if (sourceCount == 1 && divisor <= 1) {
        copyToAll(targets, targetCount, sources[0] + offset, offset, (long) n * elementBytes);
        continue;
      }
      reduceBlock(staging, sources, sourceCount, offset, n);
      if (divisor > 1) {
        divide(result, divisor, n);
      }
      for (int t = 0; t < targetCount; t++) {
        store(staging, result, targets[t] + offset, n);
      }
    }
  }

  /// Leaves the canonical tree over the sources in slot 0.
  ///
  /// The slots are a stack of results of complete subtrees, the largest at the bottom. After source
  /// `s` as many pairs are merged as `s` has trailing ones; what is left is merged from the top.
  /// Five sources: `0 | 0 1 -> 01 | 01 2 | 01 2 3 -> 01 23 -> 0123 | 0123 4 -> 01234`.
  private void reduceBlock(
      Staging staging, long[] sources, int sourceCount, long offset, int count) {
    int depth = 0;
    for (int s = 0; s < sourceCount; s++) {
      load(staging, sources[s] + offset, array(staging, depth++), count);
      for (int pairs = s; (pairs & 1) == 1; pairs >>= 1) {
        depth--;
        merge(array(staging, depth - 1), array(staging, depth), count);
      }
    }
    for (; depth > 1; depth--) {
      merge(array(staging, depth - 2), array(staging, depth - 1), count);
    }
  }

  private static void copyToAll(
      long[] targets, int targetCount, long source, long offset, long bytes) {
    for (int t = 0; t < targetCount; t++) {
      long target = targets[t] + offset;
      if (target != source) {
        Memory.copy(target, source, bytes);
      }
    }
  }

  @Override
  public final void divide(long target, long source, long count, int divisor) {
    Staging staging = Staging.ofThread();
    A a = array(staging, 0);
    for (long i = 0; i < count; i += Staging.ELEMENTS) {
      int n = (int) Math.min(Staging.ELEMENTS, count - i);
      load(staging, source + i * elementBytes, a, n);
      divide(a, divisor, n);
      store(staging, a, target + i * elementBytes, n);
    }
  }

  @Override
  public final void scale(long target, long source, long count, double scalar) {
    Staging staging = Staging.ofThread();
    A a = array(staging, 0);
    for (long i = 0; i < count; i += Staging.ELEMENTS) {
      int n = (int) Math.min(Staging.ELEMENTS, count - i);
      load(staging, source + i * elementBytes, a, n);
      scale(a, scalar, n);
      store(staging, a, target + i * elementBytes, n);
    }
  }

  @Override
  public final String implementation() {
    return "array";
  }
}
