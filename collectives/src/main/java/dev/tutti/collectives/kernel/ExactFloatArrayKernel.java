package dev.tutti.collectives.kernel;

/// Exact sums of float32 and narrower floats on arrays.
final class ExactFloatArrayKernel extends ExactKernel {
  private final FloatStaging elements;
  private final int elementBytes;
  private final Rounding rounding;

  /// How sums become float32.
  enum Rounding {
    /// To the nearest.
    NEAREST,
    /// See [PreRounding#toOdd].
    TO_ODD
  }

  /// Creates the kernel.
  ///
  /// @param plain an ordinary kernel of the same type
  /// @param elements how the type is read and written
  ExactFloatArrayKernel(
      ReductionKernel plain, FloatStaging elements, int elementBytes, Rounding rounding) {
    super(plain, elementBytes);
    this.elements = elements;
    this.elementBytes = elementBytes;
    this.rounding = rounding;
  }

  @Override
  void fold(
      long target, long[] sources, int sourceCount, long offsetBytes, long count, int divisor) {
    Staging staging = Staging.ofThread();
    for (long i = 0; i < count; i += Staging.ELEMENTS) {
      int n = (int) Math.min(Staging.ELEMENTS, count - i);
      long offset = i * elementBytes;
      sum(staging, sources, sourceCount, offsetBytes + offset, n);
      double[] sums = staging.doubles(1);
      if (divisor > 1) {
        divide(sums, divisor, n);
      }
      if (rounding == Rounding.TO_ODD) {
        roundToOdd(sums, n);
      }
      float[] result = staging.floats(0);
      round(sums, result, n);
      elements.store(staging, result, target + offset, n);
    }
  }

  /// Leaves the sums of one block in the second array of doubles.
  private void sum(Staging staging, long[] sources, int sourceCount, long offset, int n) {
    float[] operand = staging.floats(0);
    int[] exponents = staging.ints(0);
    double[] carriers = staging.doubles(0);
    double[] sums = staging.doubles(1);
    for (int i = 0; i < n; i++) {
      exponents[i] = 0;
    }
    for (int s = 0; s < sourceCount; s++) {
      elements.load(staging, sources[s] + offset, operand, n);
      for (int i = 0; i < n; i++) {
        int exponent = Float.floatToRawIntBits(operand[i]) & PreRounding.FLOAT_EXPONENT;
        exponents[i] = Math.max(exponents[i], exponent);
      }
    }
    for (int i = 0; i < n; i++) {
      carriers[i] = PreRounding.floatCarrier(exponents[i]);
      sums[i] = carriers[i];
    }
    for (int s = 0; s < sourceCount; s++) {
      elements.load(staging, sources[s] + offset, operand, n);
      for (int i = 0; i < n; i++) {
        sums[i] += operand[i] * PreRounding.AWAY;
      }
    }
    for (int i = 0; i < n; i++) {
      sums[i] -= carriers[i];
    }
  }

  private static void divide(double[] sums, int divisor, int n) {
    double by = divisor;
    for (int i = 0; i < n; i++) {
      sums[i] /= by;
    }
  }

  private static void roundToOdd(double[] sums, int n) {
    for (int i = 0; i < n; i++) {
      sums[i] = PreRounding.toOdd(sums[i]);
    }
  }

  private static void round(double[] sums, float[] result, int n) {
    for (int i = 0; i < n; i++) {
      float rounded = (float) sums[i];
      result[i] = Float.isNaN(rounded) ? Float.NaN : rounded;
    }
  }

  @Override
  public String implementation() {
    return "exact array";
  }
}
