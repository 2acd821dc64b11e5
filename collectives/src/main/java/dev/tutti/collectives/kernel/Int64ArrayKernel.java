package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/// Int64 and uint64 on arrays. A template, see [KernelTemplate].
final class Int64ArrayKernel extends StagedKernel<long[]> {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final ReduceOp OP = SHAPE.op();
  private static final boolean UNSIGNED = SHAPE.isUnsigned();

  /// Unsigned order is signed order after flipping the sign, and that vectorises.
  private static final long FLIP = UNSIGNED ? Long.MIN_VALUE : 0;

  Int64ArrayKernel() {
    super(Long.BYTES);
  }

  @Override
  long[] array(Staging staging, int slot) {
    return staging.longs(slot);
  }

  @Override
  void load(Staging staging, long address, long[] to, int count) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_LONG_UNALIGNED, address, to, 0, count);
  }

  @Override
  void store(Staging staging, long[] from, long address, int count) {
    MemorySegment.copy(from, 0, Memory.ALL, ValueLayout.JAVA_LONG_UNALIGNED, address, count);
  }

  @Override
  void merge(long[] into, long[] right, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = op(into[i], right[i]);
    }
  }

  private static long op(long left, long right) {
    if (OP == ReduceOp.SUM) {
      return left + right;
    }
    if (OP == ReduceOp.PROD) {
      return left * right;
    }
    long a = left ^ FLIP;
    long b = right ^ FLIP;
    return (OP == ReduceOp.MIN ? Math.min(a, b) : Math.max(a, b)) ^ FLIP;
  }

  @Override
  void divide(long[] array, int divisor, int count) {
    for (int i = 0; i < count; i++) {
      array[i] = UNSIGNED ? Long.divideUnsigned(array[i], divisor) : array[i] / divisor;
    }
  }

  @Override
  void scale(long[] array, double scalar, int count) {
    throw new UnsupportedOperationException("integers are not pre-multiplied");
  }
}
