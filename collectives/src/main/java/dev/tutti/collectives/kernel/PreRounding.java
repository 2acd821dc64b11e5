package dev.tutti.collectives.kernel;

/// The rule by which exact sums round their contributions, on single values; vectors follow it to
/// the bit.
///
/// Source: Demmel and Nguyen, "Fast Reproducible Floating-Point Summation", ARITH 2013, section 4
/// (pre-rounding), with the head room of a fixed number of contributions instead of the actual one;
/// Ahrens, Demmel and Nguyen, "Algorithms for Efficient Reproducible Floating Point Summation",
/// TOMS 46 (2020), section 3 (extraction by adding to a carrier, two folds).
///
/// Let `2^e` be the power of two at or below the largest contribution to an element. A *carrier* `M
/// = 1.5 * 2^(e + 16)` has the unit in the last place `u = 2^(e - 36)`; each contribution is
/// rounded to a multiple of u. Such multiples, below `2^(e + 1)`, can be added to M up to 2^14
/// times before the sum leaves M's binade, so every partial sum is exact, and what is left after M
/// is subtracted depends neither on the order nor on contributions that are zero. What was cut off
/// is exact too and can be folded again with a carrier that is smaller by [#SECOND].
///
/// One fold keeps 37 bits from the largest contribution's first one on, which is what float32 and
/// narrower types get, in float64 arithmetic: contributions are added to the carrier one after the
/// other, which rounds them. A tie would be rounded to even and so depend on the sum so far;
/// therefore each is first moved away from zero in the last place of float64, which changes nothing
/// but ties. Float64 gets two folds, 75 bits, and rounds each contribution by itself: `q = (x + M)
/// - M`.
///
/// The sum starts at `+0.0`, so a sum that is zero is `+0.0` even where all contributions are
/// `-0.0`. With an infinity or a NaN among the contributions, the carrier is finite all the same
/// and the plain rules apply: the infinity, or NaN where infinities of both signs or a NaN meet.
final class PreRounding {
  /// The carrier of a contribution of 1: head room for 2^14 contributions.
  static final double CARRIER = 0x1.8p16;

  /// Moves a float32, as a float64, away from zero in the last place or two.
  static final double AWAY = 1 + 0x1p-52;

  /// The second fold's carrier is so much smaller than the first one's: `2^(e - 22)`, whose unit is
  /// `2^(e - 74)`; contributions to it are below `2^(e - 37)`.
  static final double SECOND = 0x1p-38;

  // The exponent bits of a float32, and the least and the largest of a carrier.
  static final int FLOAT_EXPONENT = 0x7f80_0000;
  static final int FLOAT_LEAST = 0x0080_0000;
  static final int FLOAT_MOST = 0x7f00_0000;

  // The same of a float64.
  static final long DOUBLE_EXPONENT = 0x7ffL << 52;
  static final long DOUBLE_LEAST = 1L << 52;
  static final long DOUBLE_MOST = 0x7feL << 52;

  /// Contributions whose largest has an exponent above this, 2^900, are scaled [#DOWN] so that
  /// neither carrier nor sum overflows, and the sum [#UP].
  static final long DOUBLE_LARGE = (1023 + 900L) << 52;

  static final double DOWN = 0x1p-200;
  static final double UP = 0x1p200;

  /// The bits of a float64 that a float32 does not have.
  static final long LOW_BITS = (1L << 29) - 1;

  private PreRounding() {}

  /// Returns the carrier for contributions to float32 sums whose largest exponent bits are given.
  static double floatCarrier(int exponent) {
    int clamped = Math.clamp(exponent, FLOAT_LEAST, FLOAT_MOST);
    return Float.intBitsToFloat(clamped) * CARRIER;
  }

  /// Cuts a float64 to the bits of a float32; the last one is set if others were lost, so that a
  /// later rounding to fewer bits is as if it were the only one (Boldo and Melquiond, "Emulation of
  /// FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
  static double toOdd(double value) {
    long bits = Double.doubleToRawLongBits(value);
    long lost = (bits & LOW_BITS) + LOW_BITS; // carries if there are any
    return Double.longBitsToDouble((bits | lost) & ~LOW_BITS);
  }
}
