package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Arithmetic of blocks on arrays.
final class ArrayBlockArithmetic extends BlockArithmetic {
  private static float[] load(long source, int count) {
    float[] values = Staging.ofThread().floats(0);
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, source, values, 0, count);
    return values;
  }

  private static void store(float[] values, long target, int count) {
    MemorySegment.copy(values, 0, Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, target, count);
  }

  @Override
  int largestBits(long source, int count) {
    float[] values = load(source, count);
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & 0x7fff_ffff);
    }
    return largest;
  }

  @Override
  void multiply(long target, long source, int count, float factor) {
    float[] values = load(source, count);
    for (int i = 0; i < count; i++) {
      values[i] *= factor;
    }
    store(values, target, count);
  }

  @Override
  void quantise(long target, long source, int count, float factor, boolean isRandom, int key) {
    float[] values = load(source, count);
    byte[] codes = Staging.ofThread().bytes(0);
    for (int i = 0; i < count; i++) {
      codes[i] = quantise(values[i], factor, isRandom, key, i);
    }
    MemorySegment.copy(codes, 0, Memory.ALL, ValueLayout.JAVA_BYTE, target, count);
  }

  @Override
  void expand(long target, long source, int count, float scale) {
    byte[] codes = Staging.ofThread().bytes(0);
    float[] values = Staging.ofThread().floats(0);
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_BYTE, source, codes, 0, count);
    for (int i = 0; i < count; i++) {
      values[i] = codes[i] * scale;
    }
    store(values, target, count);
  }

  @Override
  void cutAtRandom(long target, long source, int count, int key) {
    float[] values = load(source, count);
    short[] codes = Staging.ofThread().shorts(0);
    for (int i = 0; i < count; i++) {
      codes[i] = cutAtRandom(values[i], key, i);
    }
    MemorySegment.copy(codes, 0, Memory.ALL, ValueLayout.JAVA_SHORT_UNALIGNED, target, count);
  }
}
