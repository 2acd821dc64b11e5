package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/// Float16, bfloat16 and the 8-bit floats on arrays of float32. A template, see [KernelTemplate].
///
/// The float16 conversions are instructions that the compiler vectorises, which makes this the
/// fastest float16 kernel in Java, with or without the vector module.
final class NarrowFloatArrayKernel extends StagedKernel<float[]> implements FloatStaging {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final DataType TYPE = SHAPE.type();
  private static final ReduceOp OP = SHAPE.op();
  private static final NarrowFloatFormat FORMAT = NarrowFloatFormat.of(TYPE);

  /// Values of the 256 codes of an 8-bit format.
  private static final float[] DECODED = TYPE.bytes() == 1 ? decodedCodes() : new float[0];

  NarrowFloatArrayKernel() {
    super(TYPE.bytes());
  }

  @Override
  float[] array(Staging staging, int slot) {
    return staging.floats(slot);
  }

  @Override
  public void load(Staging staging, long address, float[] to, int count) {
    if (TYPE.bytes() == 1) {
      byte[] raw = staging.bytes(0);
      MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_BYTE, address, raw, 0, count);
      decode8(raw, to, count);
      return;
    }
    short[] raw = staging.shorts(0);
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_SHORT_UNALIGNED, address, raw, 0, count);
    if (TYPE == DataType.FLOAT16) {
      decodeFloat16(raw, to, count);
    } else {
      decodeBfloat16(raw, to, count);
    }
  }

  @Override
  public void store(Staging staging, float[] from, long address, int count) {
    if (TYPE.bytes() == 1) {
      byte[] raw = staging.bytes(0);
      encode8(from, raw, count);
      MemorySegment.copy(raw, 0, Memory.ALL, ValueLayout.JAVA_BYTE, address, count);
      return;
    }
    short[] raw = staging.shorts(0);
    if (TYPE == DataType.FLOAT16) {
      encodeFloat16(from, raw, count);
    } else {
      encodeBfloat16(from, raw, count);
    }
    MemorySegment.copy(raw, 0, Memory.ALL, ValueLayout.JAVA_SHORT_UNALIGNED, address, count);
  }

  private static void decodeFloat16(short[] from, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Float.float16ToFloat(from[i]);
    }
  }

  private static void encodeFloat16(float[] from, short[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Float.floatToFloat16(from[i]);
    }
  }

  private static void decodeBfloat16(short[] from, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Float.intBitsToFloat(from[i] << 16);
    }
  }

  private static void encodeBfloat16(float[] from, short[] to, int count) {
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToRawIntBits(from[i]);
      int rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
      boolean isNan = (bits & 0x7fff_ffff) > 0x7f80_0000;
      to[i] = (short) (isNan ? bits >>> 16 | 0x40 : rounded);
    }
  }

  private static void decode8(byte[] from, float[] to, int count) {
    float[] decoded = DECODED;
    for (int i = 0; i < count; i++) {
      to[i] = decoded[from[i] & 0xff];
    }
  }

  private static void encode8(float[] from, byte[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = FORMAT.encode8(from[i]);
    }
  }

  private static float[] decodedCodes() {
    float[] decoded = new float[256];
    for (int code = 0; code < 256; code++) {
      decoded[code] = FORMAT.decode8((byte) code);
    }
    return decoded;
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
