package dev.tutti.collectives.kernel;

import dev.tutti.collectives.DataType;

/// The layout of a float narrower than float32, and its conversions on single values.
///
/// With `m` stored bits of mantissa and exponent bias `b`, a normal number is a float32 whose
/// exponent is re-biased and whose mantissa is cut by `23 - m` bits. Encoding rounds to nearest,
/// ties to even. The two 8-bit formats saturate: what is too large for them, infinity included,
/// becomes the largest finite value, as CUDA's `__NV_SATFINITE` does and as NCCL therefore does;
/// float16 and bfloat16 overflow to infinity. A NaN stays a NaN and keeps its sign; the 16-bit
/// formats also keep the upper bits of its payload.
///
/// @param bytes size of an element
/// @param mantissaBits stored bits of the mantissa
/// @param bias exponent bias
/// @param ceiling code, without sign, that encoding never exceeds for a number
/// @param nan code, without sign, of the NaN
record NarrowFloatFormat(int bytes, int mantissaBits, int bias, int ceiling, int nan) {
  static NarrowFloatFormat of(DataType type) {
    return switch (type) {
      case FLOAT16 -> new NarrowFloatFormat(2, 10, 15, 0x7c00, 0x7e00);
      case BFLOAT16 -> new NarrowFloatFormat(2, 7, 127, 0x7f80, 0x7fc0);
      case FLOAT8_E4M3 -> new NarrowFloatFormat(1, 3, 7, 0x7e, 0x7f);
      case FLOAT8_E5M2 -> new NarrowFloatFormat(1, 2, 15, 0x7b, 0x7f);
      case INT8, UINT8, INT32, UINT32, INT64, UINT64, FLOAT32, FLOAT64 ->
          throw new IllegalArgumentException(type.toString());
    };
  }

  /// Bits that float32 has more than this format's mantissa.
  int shift() {
    return 23 - mantissaBits;
  }

  /// Position of the sign bit.
  int signBit() {
    return bytes * 8 - 1;
  }

  /// Bits of the float32 that is the smallest normal number of this format.
  int smallestNormalBits() {
    return (127 - bias + 1) << 23;
  }

  /// Bits of the float32 whose unit in the last place is this format's smallest subnormal: adding
  /// it lets the float adder do the rounding of a subnormal.
  int subnormalMagicBits() {
    return (127 - bias + shift() + 1) << 23;
  }

  /// Encodes a value of one of the 8-bit formats.
  byte encode8(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & 0x7fff_ffff;
    int sign = (bits >>> 24) & 0x80;
    int code;
    if (magnitude > 0x7f80_0000) {
      code = nan;
    } else if (magnitude < smallestNormalBits()) {
      float magic = Float.intBitsToFloat(subnormalMagicBits());
      code = Float.floatToRawIntBits(Math.abs(value) + magic) - subnormalMagicBits();
    } else {
      int odd = (magnitude >>> shift()) & 1;
      int half = (1 << (shift() - 1)) - 1;
      code = (magnitude + ((bias - 127) << 23) + half + odd) >>> shift();
      code = Math.min(code, ceiling);
    }
    return (byte) (sign | code);
  }

  /// Decodes a value of one of the 8-bit formats.
  float decode8(byte value) {
    int magnitude = value & 0x7f;
    int exponent = magnitude >>> mantissaBits;
    int mantissa = magnitude & ((1 << mantissaBits) - 1);
    float result;
    if (isNan8(magnitude)) {
      result = Float.NaN;
    } else if (magnitude > ceiling) {
      result = Float.POSITIVE_INFINITY;
    } else if (exponent == 0) {
      result = Math.scalb((float) mantissa, 1 - bias - mantissaBits);
    } else {
      result = Math.scalb((float) (mantissa | 1 << mantissaBits), exponent - bias - mantissaBits);
    }
    int sign = value & 0x80;
    return Float.intBitsToFloat(Float.floatToRawIntBits(result) | sign << 24);
  }

  /// E4M3 has one NaN, the largest code; E5M2 has all above infinity, `0x7c`.
  private boolean isNan8(int magnitude) {
    return mantissaBits == 3 ? magnitude == nan : magnitude > ceiling + 1;
  }
}
