package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;

/// Sums that are the same whatever the order of the sources and however many of them are zero; see
/// [PreRounding].
///
/// All sources have to be in one call: the result of one is not a source of another. With a divisor
/// the exact sum is divided once, before it is rounded to the type. More than 2^14 sources would
/// not be exact.
abstract class ExactKernel extends ReductionKernel {
  private final ReductionKernel plain;
  private final int elementBytes;

  /// Creates the kernel.
  ///
  /// @param plain an ordinary kernel of the same type
  /// @param elementBytes size of an element
  ExactKernel(ReductionKernel plain, int elementBytes) {
    this.plain = plain;
    this.elementBytes = elementBytes;
  }

  /// Writes the sums of `count` elements to address `target`; the sources are at `sources[s] +
  /// offsetBytes`. `target` may be one of them.
  abstract void fold(
      long target, long[] sources, int sourceCount, long offsetBytes, long count, int divisor);

  @Override
  public final void combine(long target, long left, long right, long count) {
    long[] pair = Scratch.ofThread().operands;
    pair[0] = left;
    pair[1] = right;
    fold(target, pair, 2, 0, count, 1);
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
    boolean streams = stores == Stores.STREAMING && StreamingStores.areAvailable();
    if (targetCount == 1 && !streams) {
      fold(targets[0] + offsetBytes, sources, sourceCount, offsetBytes, count, divisor);
      return;
    }
    long blockElements = Scratch.BLOCK_BYTES / elementBytes;
    long block = Scratch.ofThread().block(0);
    for (long i = 0; i < count; i += blockElements) {
      long elements = Math.min(blockElements, count - i);
      long offset = offsetBytes + i * elementBytes;
      long first = streams ? block : targets[0] + offset;
      fold(first, sources, sourceCount, offset, elements, divisor);
      for (int t = streams ? 0 : 1; t < targetCount; t++) {
        copy(targets[t] + offset, first, elements * elementBytes, stores);
      }
    }
  }

  private static void copy(long target, long source, long bytes, Stores stores) {
    if (stores == Stores.STREAMING) {
      BulkCopy.copy(target, source, bytes, stores);
    } else if (target != source) {
      Memory.copy(target, source, bytes);
    }
  }

  @Override
  public final void divide(long target, long source, long count, int divisor) {
    plain.divide(target, source, count, divisor);
  }

  @Override
  public final void scale(long target, long source, long count, double scalar) {
    plain.scale(target, source, count, scalar);
  }
}
