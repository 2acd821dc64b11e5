package dev.tutti.collectives.kernel;

import static dev.tutti.bindings.Memory.ALL;

import dev.tutti.collectives.ReduceOp;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// Exact sums of float64 on the Vector API, with two folds. A template, see [KernelTemplate].
///
/// The largest exponent is searched in the upper halves of the elements, taken as 32-bit integers,
/// of which every machine has the maximum.
final class ExactFloat64VectorKernel extends ExactKernel {
  private static final boolean DIVIDES =
      KernelTemplate.shape(MethodHandles.lookup()).op() == ReduceOp.AVG;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int STEP = DOUBLES.vectorByteSize();

  private final ExactKernel staged;
  private final ExactKernel other;

  /// Creates the kernel.
  ///
  /// @param plain an ordinary float64 kernel
  /// @param staged the array kernel, for what is left of the last vector
  /// @param dividing for a kernel that only sums, the one that divides; else null
  ExactFloat64VectorKernel(
      ReductionKernel plain, ExactKernel staged, @Nullable ExactKernel dividing) {
    super(plain, Double.BYTES);
    this.staged = staged;
    this.other = dividing == null ? this : dividing;
  }

  @Override
  void fold(
      long target, long[] sources, int sourceCount, long offsetBytes, long count, int divisor) {
    if (!DIVIDES && divisor > 1) {
      other.fold(target, sources, sourceCount, offsetBytes, count, divisor);
      return;
    }
    long bytes = count * Double.BYTES;
    long whole = bytes - bytes % STEP;
    loop(target, sources, sourceCount, offsetBytes, whole, divisor);
    if (whole < bytes) {
      long rest = (bytes - whole) / Double.BYTES;
      staged.fold(target + whole, sources, sourceCount, offsetBytes + whole, rest, divisor);
    }
  }

  private static void loop(
      long target, long[] sources, int n, long offset, long bytes, int divisor) {
    DoubleVector by = DoubleVector.broadcast(DOUBLES, Math.max(1, divisor));
    DoubleVector one = DoubleVector.broadcast(DOUBLES, 1);
    IntVector exponentBits =
        LongVector.broadcast(LONGS, PreRounding.DOUBLE_EXPONENT).reinterpretAsInts();
    for (long i = 0; i < bytes; i += STEP) {
      IntVector top = LongVector.broadcast(LONGS, PreRounding.DOUBLE_LEAST).reinterpretAsInts();
      for (int s = 0; s < n; s++) {
        LongVector bits = LongVector.fromMemorySegment(LONGS, ALL, sources[s] + offset + i, ORDER);
        top = top.max(bits.reinterpretAsInts().and(exponentBits));
      }
      LongVector exponent = top.reinterpretAsLongs();
      VectorMask<Double> isLarge =
          exponent.compare(VectorOperators.GT, PreRounding.DOUBLE_LARGE).cast(DOUBLES);
      VectorMask<Double> isSpecial =
          exponent.compare(VectorOperators.EQ, PreRounding.DOUBLE_EXPONENT).cast(DOUBLES);
      DoubleVector scale = one.blend(PreRounding.DOWN, isLarge);
      DoubleVector carrier =
          exponent
              .min(PreRounding.DOUBLE_MOST)
              .reinterpretAsDoubles()
              .mul(scale)
              .mul(PreRounding.CARRIER);
      DoubleVector small = carrier.mul(PreRounding.SECOND);
      DoubleVector first = DoubleVector.zero(DOUBLES);
      DoubleVector second = DoubleVector.zero(DOUBLES);
      for (int s = 0; s < n; s++) {
        DoubleVector x =
            DoubleVector.fromMemorySegment(DOUBLES, ALL, sources[s] + offset + i, ORDER).mul(scale);
        DoubleVector q = x.add(carrier).sub(carrier);
        first = first.add(q);
        second = second.add(x.sub(q).add(small).sub(small));
      }
      DoubleVector sum = first.add(second).blend(first, isSpecial);
      sum = DIVIDES ? sum.div(by) : sum;
      sum = sum.mul(one.blend(PreRounding.UP, isLarge));
      sum.blend(Double.NaN, sum.test(VectorOperators.IS_NAN))
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  @Override
  public String implementation() {
    return "exact vector";
  }
}
