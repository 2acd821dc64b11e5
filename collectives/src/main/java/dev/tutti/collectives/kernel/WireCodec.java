package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Float32 in fewer bytes, for the way between hosts.
///
/// Elements are encoded in blocks of [#BLOCK]. Of all codecs but [Format#BFLOAT16] a block begins
/// with a float32, the *scale*, and an element is what its code stands for, times the scale:
///
/// ```
/// | scale | code 0 | code 1 | .. | code 255 | scale | code 256 | ..
/// ```
///
/// | format | bytes of 256 elements | code | largest error, of the block's largest magnitude |
/// |---|---|---|---|
/// | BFLOAT16 | 512 | bfloat16 | 2^-8 of the element |
/// | INT8 | 260 | -127 to 127, the largest magnitude being 127 | 1/254 |
/// | FLOAT8_E4M3 | 260 | E4M3, the largest magnitude being 448 | 1/28 |
/// | FLOAT8_E5M2 | 260 | E5M2, the largest magnitude being 57344 | 1/14 |
///
/// A block with an infinity or a NaN is NaN altogether, and one whose elements are all below 2^-100
/// is zero (both but of BFLOAT16). Immutable; allocates nothing after a thread's first call.
public final class WireCodec {
  /// Elements of a block.
  public static final int BLOCK = 256;

  /// The least magnitude, as bits, whose reciprocal times the largest code is finite.
  private static final int LEAST = Float.floatToRawIntBits(0x1p-100f);

  private static final int INFINITE = 0x7f80_0000;

  private final Format format;
  private final BlockArithmetic arithmetic;
  private final FloatBlocks blocks;

  /// What a code is.
  public enum Format {
    /// The upper half of the float32, rounded.
    BFLOAT16,
    /// An integer.
    INT8,
    /// A float of 8 bits, more exact.
    FLOAT8_E4M3,
    /// A float of 8 bits, of more range.
    FLOAT8_E5M2;

    /// Returns the code of the block's largest magnitude.
    private float largest() {
      return switch (this) {
        case BFLOAT16 -> 0;
        case INT8 -> 127;
        case FLOAT8_E4M3 -> 448;
        case FLOAT8_E5M2 -> 57344;
      };
    }

    private DataType type() {
      return switch (this) {
        case BFLOAT16 -> DataType.BFLOAT16;
        case INT8 -> DataType.INT8;
        case FLOAT8_E4M3 -> DataType.FLOAT8_E4M3;
        case FLOAT8_E5M2 -> DataType.FLOAT8_E5M2;
      };
    }
  }

  /// Makes a codec with the implementation in use.
  public WireCodec(Format format) {
    this(format, Kernels.implementation().equals("vector"));
  }

  WireCodec(Format format, boolean isVector) {
    this.format = format;
    this.arithmetic = isVector ? new VectorBlockArithmetic() : new ArrayBlockArithmetic();
    DataType type = format.type();
    ReductionKernel kernel =
        isVector ? Kernels.vector(type, ReduceOp.SUM) : Kernels.array(type, ReduceOp.SUM);
    this.blocks = FloatBlocks.of(kernel);
  }

  /// Returns how many bytes the first `count` elements take.
  public long encodedBytes(long count) {
    if (format == Format.BFLOAT16) {
      return count * Short.BYTES;
    }
    long blocksOfIt = (count + BLOCK - 1) / BLOCK;
    return blocksOfIt * Float.BYTES + count;
  }

  /// Encodes `count` float32, rounding to the nearest code.
  public void encode(long target, long source, long count) {
    encode(target, source, count, Dither.NONE, 0);
  }

  /// Encodes `count` float32, rounding at random: up with a probability that is the distance from
  /// the code below, so that the expected value is the element. [Format#BFLOAT16] and [Format#INT8]
  /// only.
  ///
  /// @param dither the random numbers
  /// @param firstBlock number of the first block among those that share the dither
  public void encode(long target, long source, long count, Dither dither, long firstBlock) {
    for (long i = 0; i < count; i += BLOCK) {
      int n = (int) Math.min(BLOCK, count - i);
      long block = target + encodedBytes(i);
      int key = dither.key(firstBlock + i / BLOCK);
      encodeBlock(block, source + i * Float.BYTES, n, dither != Dither.NONE, key);
    }
  }

  private void encodeBlock(long target, long source, int n, boolean isRandom, int key) {
    if (format == Format.BFLOAT16) {
      if (isRandom) {
        arithmetic.cutAtRandom(target, source, n, key);
      } else {
        blocks.narrow(target, source, n);
      }
      return;
    }
    int bits = arithmetic.largestBits(source, n);
    float largest = Float.intBitsToFloat(bits);
    boolean isZero = bits < LEAST;
    float code = format.largest();
    float scale = bits >= INFINITE ? Float.NaN : isZero ? 0 : largest / code;
    float inverse = bits >= INFINITE || isZero ? 0 : code / largest;
    Memory.putInt(target, Float.floatToRawIntBits(scale));
    long codes = target + Float.BYTES;
    if (format == Format.INT8) {
      arithmetic.quantise(codes, source, n, inverse, isRandom, key);
    } else {
      long scaled = Scratch.ofThread().block(0);
      arithmetic.multiply(scaled, source, n, inverse);
      blocks.narrow(codes, scaled, n);
    }
  }

  /// Decodes `count` elements into float32.
  public void decode(long target, long source, long count) {
    for (long i = 0; i < count; i += BLOCK) {
      int n = (int) Math.min(BLOCK, count - i);
      long block = source + encodedBytes(i);
      long result = target + i * Float.BYTES;
      if (format == Format.BFLOAT16) {
        blocks.widen(result, block, n);
        continue;
      }
      float scale = Float.intBitsToFloat(Memory.getInt(block));
      long codes = block + Float.BYTES;
      if (format == Format.INT8) {
        arithmetic.expand(result, codes, n, scale);
      } else {
        blocks.widen(result, codes, n);
        arithmetic.multiply(result, result, n, scale);
      }
    }
  }

  /// Encodes `sums + residue`, and keeps what that loses.
  ///
  /// @param sums `count` float32, overwritten
  /// @param residue what was lost before; what is lost now afterwards, 0 where that is not finite
  public void encodeCarrying(
      long target, long sums, long residue, long count, Dither dither, long firstBlock) {
    Staging staging = Staging.ofThread();
    float[] exact = staging.floats(1);
    float[] values = staging.floats(2);
    for (long i = 0; i < count; i += BLOCK) {
      int n = (int) Math.min(BLOCK, count - i);
      long offset = i * Float.BYTES;
      load(sums + offset, exact, n);
      load(residue + offset, values, n);
      for (int k = 0; k < n; k++) {
        exact[k] += values[k];
      }
      store(exact, sums + offset, n);
      long codes = target + encodedBytes(i);
      encode(codes, sums + offset, n, dither, firstBlock + i / BLOCK);
      decode(sums + offset, codes, n);
      load(sums + offset, values, n);
      for (int k = 0; k < n; k++) {
        float lost = exact[k] - values[k];
        values[k] = Float.isFinite(lost) ? lost : 0;
      }
      store(values, residue + offset, n);
    }
  }

  private static void load(long source, float[] values, int count) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, source, values, 0, count);
  }

  private static void store(float[] values, long target, int count) {
    MemorySegment.copy(values, 0, Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, target, count);
  }

  @Override
  public String toString() {
    return format.toString();
  }
}
