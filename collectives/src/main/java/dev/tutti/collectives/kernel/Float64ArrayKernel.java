package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/// Float64 on arrays. A template, see [KernelTemplate].
final class Float64ArrayKernel extends StagedKernel<double[]> {
  private static final ReduceOp OP = KernelTemplate.shape(MethodHandles.lookup()).op();

  Float64ArrayKernel() {
    super(Double.BYTES);
  }

  @Override
  double[] array(Staging staging, int slot) {
    return staging.doubles(slot);
  }

  @Override
  void load(Staging staging, long address, double[] to, int count) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_DOUBLE_UNALIGNED, address, to, 0, count);
  }

  @Override
  void store(Staging staging, double[] from, long address, int count) {
    MemorySegment.copy(from, 0, Memory.ALL, ValueLayout.JAVA_DOUBLE_UNALIGNED, address, count);
  }

  @Override
  void merge(double[] into, double[] right, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = op(into[i], right[i]);
    }
  }

  private static double op(double left, double right) {
    if (OP == ReduceOp.SUM) {
      return left + right;
    }
    if (OP == ReduceOp.PROD) {
      return left * right;
    }
    return OP == ReduceOp.MIN ? Math.min(left, right) : Math.max(left, right);
  }

  @Override
  void divide(double[] array, int divisor, int count) {
    double by = divisor;
    for (int i = 0; i < count; i++) {
      array[i] = array[i] / by;
    }
  }

  @Override
  void scale(double[] array, double scalar, int count) {
    double by = scalar;
    for (int i = 0; i < count; i++) {
      array[i] = array[i] * by;
    }
  }
}
