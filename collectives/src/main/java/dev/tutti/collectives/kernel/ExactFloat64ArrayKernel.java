package dev.tutti.collectives.kernel;

import static dev.tutti.collectives.kernel.PreRounding.CARRIER;
import static dev.tutti.collectives.kernel.PreRounding.DOUBLE_EXPONENT;
import static dev.tutti.collectives.kernel.PreRounding.DOUBLE_LARGE;
import static dev.tutti.collectives.kernel.PreRounding.DOUBLE_LEAST;
import static dev.tutti.collectives.kernel.PreRounding.DOUBLE_MOST;
import static dev.tutti.collectives.kernel.PreRounding.DOWN;
import static dev.tutti.collectives.kernel.PreRounding.SECOND;
import static dev.tutti.collectives.kernel.PreRounding.UP;

import dev.tutti.bindings.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Exact sums of float64 on arrays.
final class ExactFloat64ArrayKernel extends ExactKernel {
  /// Creates the kernel.
  ///
  /// @param plain an ordinary kernel of the same type
  ExactFloat64ArrayKernel(ReductionKernel plain) {
    super(plain, Double.BYTES);
  }

  @Override
  void fold(
      long target, long[] sources, int sourceCount, long offsetBytes, long count, int divisor) {
    Staging staging = Staging.ofThread();
    for (long i = 0; i < count; i += Staging.ELEMENTS) {
      int n = (int) Math.min(Staging.ELEMENTS, count - i);
      long offset = i * Double.BYTES;
      exponents(staging, sources, sourceCount, offsetBytes + offset, n);
      sum(staging, sources, sourceCount, offsetBytes + offset, n);
      double[] result = staging.doubles(0);
      round(staging, result, divisor, n);
      MemorySegment.copy(
          result, 0, Memory.ALL, ValueLayout.JAVA_DOUBLE_UNALIGNED, target + offset, n);
    }
  }

  private static void load(long address, double[] to, int n) {
    MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_DOUBLE_UNALIGNED, address, to, 0, n);
  }

  /// Leaves the largest exponents in the array of longs.
  private static void exponents(
      Staging staging, long[] sources, int sourceCount, long offset, int n) {
    double[] operand = staging.doubles(0);
    long[] exponents = staging.longs(0);
    for (int i = 0; i < n; i++) {
      exponents[i] = 0;
    }
    for (int s = 0; s < sourceCount; s++) {
      load(sources[s] + offset, operand, n);
      for (int i = 0; i < n; i++) {
        long exponent = Double.doubleToRawLongBits(operand[i]) & DOUBLE_EXPONENT;
        exponents[i] = Math.max(exponents[i], exponent);
      }
    }
  }

  /// Leaves the sums of both folds in arrays 1 and 2.
  private static void sum(Staging staging, long[] sources, int sourceCount, long offset, int n) {
    double[] operand = staging.doubles(0);
    double[] first = staging.doubles(1);
    double[] second = staging.doubles(2);
    double[] carriers = staging.doubles(3);
    double[] scales = staging.doubles(4);
    long[] exponents = staging.longs(0);
    for (int i = 0; i < n; i++) {
      double largest = Double.longBitsToDouble(Math.clamp(exponents[i], DOUBLE_LEAST, DOUBLE_MOST));
      scales[i] = exponents[i] > DOUBLE_LARGE ? DOWN : 1;
      carriers[i] = largest * scales[i] * CARRIER;
      first[i] = 0;
      second[i] = 0;
    }
    for (int s = 0; s < sourceCount; s++) {
      load(sources[s] + offset, operand, n);
      for (int i = 0; i < n; i++) {
        double x = operand[i] * scales[i];
        double q = (x + carriers[i]) - carriers[i];
        double carrier = carriers[i] * SECOND;
        first[i] += q;
        second[i] += ((x - q) + carrier) - carrier;
      }
    }
  }

  private static void round(Staging staging, double[] result, int divisor, int n) {
    double[] first = staging.doubles(1);
    double[] second = staging.doubles(2);
    long[] exponents = staging.longs(0);
    double by = Math.max(1, divisor);
    for (int i = 0; i < n; i++) {
      boolean isFinite = exponents[i] != DOUBLE_EXPONENT;
      double sum = (isFinite ? first[i] + second[i] : first[i]) / by;
      double scaled = exponents[i] > DOUBLE_LARGE ? sum * UP : sum;
      result[i] = Double.isNaN(scaled) ? Double.NaN : scaled;
    }
  }

  @Override
  public String implementation() {
    return "exact array";
  }
}
