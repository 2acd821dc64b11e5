package dev.tutti.collectives.kernel;

/// What [WireCodec] does with the elements of a block. Implementations give the same bits; counts
/// are at most [WireCodec#BLOCK].
abstract sealed class BlockArithmetic permits ArrayBlockArithmetic, VectorBlockArithmetic {
  /// Added to a float of magnitude up to 2^22, leaves its nearest integer in the lowest bits.
  static final float MAGIC = 0x1.8p23f;

  static final int MAGIC_BITS = Float.floatToRawIntBits(MAGIC);

  /// A bit of a float32 that its upper half has and that makes a NaN stay one.
  static final int QUIET = 0x40_0000;

  /// Codes are from minus this to this.
  static final int MOST = 127;

  /// Returns the bits of the largest magnitude; above those of infinity if there is a NaN.
  abstract int largestBits(long source, int count);

  /// Writes `source[i] * factor`.
  abstract void multiply(long target, long source, int count, float factor);

  /// Writes the integer nearest to `source[i] * factor`, ties to even, as a byte; or, at random,
  /// that nearest to it plus a number from -1/2 to 1/2.
  abstract void quantise(
      long target, long source, int count, float factor, boolean isRandom, int key);

  /// Writes `source[i] * scale`, the sources being bytes.
  abstract void expand(long target, long source, int count, float scale);

  /// Writes the upper halves of the float32, of which each is one up with the probability that the
  /// lower half makes; a NaN stays one.
  abstract void cutAtRandom(long target, long source, int count, int key);

  /// Quantises one element.
  static byte quantise(float value, float factor, boolean isRandom, int key, int element) {
    float scaled = value * factor;
    if (isRandom) {
      scaled += (Dither.bits(key, element) >>> 8) * 0x1p-24f - 0.5f;
    }
    int rounded = Float.floatToRawIntBits(scaled + MAGIC) - MAGIC_BITS;
    return (byte) Math.clamp(rounded, -MOST, MOST);
  }

  /// Cuts one element to its upper half.
  static short cutAtRandom(float value, int key, int element) {
    int bits = Float.floatToRawIntBits(value);
    boolean isNan = (bits & 0x7fff_ffff) > PreRounding.FLOAT_EXPONENT;
    int rounded = isNan ? bits | QUIET : bits + (Dither.bits(key, element) >>> 16);
    return (short) (rounded >>> 16);
  }
}
