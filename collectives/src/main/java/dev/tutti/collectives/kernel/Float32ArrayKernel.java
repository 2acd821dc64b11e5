package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/// Float32 on arrays. A template, see [KernelTemplate].
final class Float32ArrayKernel extends StagedKernel<float[]> implements FloatStaging {
  private static final ReduceOp OP = KernelTemplate.shape(MethodHandles.lookup()).op();

  Float32ArrayKernel() {
    super(Float.BYTES);
  }

  @Override
  float[] array(Staging staging, int slot) {
    return staging.floats(slot);
  }

  @Override
  public void load(Staging staging, long address, float[] to, int count) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, address, to, 0, count);
  }

  @Override
  public void store(Staging staging, float[] from, long address, int count) {
    MemorySegment.copy(from, 0, Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, address, count);
  }

  @Override
  void merge(float[] into, float[] right, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = op(into[i], right[i]);
    }
  }

  private static float op(float left, float right) {
    if (OP == ReduceOp.SUM) {
      return left + right;
    }
    if (OP == ReduceOp.PROD) {
      return left * right;
    }
    return OP == ReduceOp.MIN ? Math.min(left, right) : Math.max(left, right);
  }

  @Override
  void divide(float[] array, int divisor, int count) {
    float by = divisor;
    for (int i = 0; i < count; i++) {
      array[i] = array[i] / by;
    }
  }

  @Override
  void scale(float[] array, double scalar, int count) {
    float by = (float) scalar;
    for (int i = 0; i < count; i++) {
      array[i] = array[i] * by;
    }
  }
}
