package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/// Int32 and uint32 on arrays. A template, see [KernelTemplate].
final class Int32ArrayKernel extends StagedKernel<int[]> {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final ReduceOp OP = SHAPE.op();
  private static final boolean UNSIGNED = SHAPE.isUnsigned();

  /// Unsigned order is signed order after flipping the sign, and that vectorises.
  private static final int FLIP = UNSIGNED ? Integer.MIN_VALUE : 0;

  Int32ArrayKernel() {
    super(Integer.BYTES);
  }

  @Override
  int[] array(Staging staging, int slot) {
    return staging.ints(slot);
  }

  @Override
  void load(Staging staging, long address, int[] to, int count) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_INT_UNALIGNED, address, to, 0, count);
  }

  @Override
  void store(Staging staging, int[] from, long address, int count) {
    MemorySegment.copy(from, 0, Memory.ALL, ValueLayout.JAVA_INT_UNALIGNED, address, count);
  }

  @Override
  void merge(int[] into, int[] right, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = op(into[i], right[i]);
    }
  }

  private static int op(int left, int right) {
    if (OP == ReduceOp.SUM) {
      return left + right;
    }
    if (OP == ReduceOp.PROD) {
      return left * right;
    }
    int a = left ^ FLIP;
    int b = right ^ FLIP;
    return (OP == ReduceOp.MIN ? Math.min(a, b) : Math.max(a, b)) ^ FLIP;
  }

  @Override
  void divide(int[] array, int divisor, int count) {
    for (int i = 0; i < count; i++) {
      array[i] = UNSIGNED ? Integer.divideUnsigned(array[i], divisor) : array[i] / divisor;
    }
  }

  @Override
  void scale(int[] array, double scalar, int count) {
    throw new UnsupportedOperationException("integers are not pre-multiplied");
  }
}
