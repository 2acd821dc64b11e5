package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/// Int8 and uint8 on arrays. A template, see [KernelTemplate].
final class Int8ArrayKernel extends StagedKernel<byte[]> {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final ReduceOp OP = SHAPE.op();
  private static final boolean UNSIGNED = SHAPE.isUnsigned();

  /// Unsigned order is signed order after flipping the sign.
  private static final int FLIP = UNSIGNED ? Byte.MIN_VALUE : 0;

  Int8ArrayKernel() {
    super(Byte.BYTES);
  }

  @Override
  byte[] array(Staging staging, int slot) {
    return staging.bytes(slot);
  }

  @Override
  void load(Staging staging, long address, byte[] to, int count) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_BYTE, address, to, 0, count);
  }

  @Override
  void store(Staging staging, byte[] from, long address, int count) {
    MemorySegment.copy(from, 0, Memory.ALL, ValueLayout.JAVA_BYTE, address, count);
  }

  @Override
  void merge(byte[] into, byte[] right, int count) {
    for (int i = 0; i < count; i++) {
      into[i] = op(into[i], right[i]);
    }
  }

  private static byte op(byte left, byte right) {
    if (OP == ReduceOp.SUM) {
      return (byte) (left + right);
    }
    if (OP == ReduceOp.PROD) {
      return (byte) (left * right);
    }
    int a = (byte) (left ^ FLIP);
    int b = (byte) (right ^ FLIP);
    // Without a branch, which data would mispredict: the difference where it is negative.
    int negative = (a - b) & ((a - b) >> 31);
    return (byte) ((OP == ReduceOp.MIN ? b + negative : a - negative) ^ FLIP);
  }

  @Override
  void divide(byte[] array, int divisor, int count) {
    for (int i = 0; i < count; i++) {
      array[i] = (byte) ((UNSIGNED ? array[i] & 0xff : array[i]) / divisor);
    }
  }

  @Override
  void scale(byte[] array, double scalar, int count) {
    throw new UnsupportedOperationException("integers are not pre-multiplied");
  }
}
