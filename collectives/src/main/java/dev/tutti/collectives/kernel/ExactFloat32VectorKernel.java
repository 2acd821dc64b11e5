package dev.tutti.collectives.kernel;

import static dev.tutti.bindings.Memory.ALL;

import dev.tutti.collectives.ReduceOp;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// Exact sums of float32 on the Vector API, in vectors of float64.
///
/// A template, see [KernelTemplate]: of the type FLOAT32 it rounds to nearest; of a narrower one it
/// rounds to odd, for [ExactNarrowVectorKernel]. Two and four sources stay in registers between the
/// search for the largest and the sum; others are read twice, the second time from the level 1
/// cache, see [#blocks]. Contributions are moved away from zero by setting their last bit, which
/// has the same effect as [PreRounding#AWAY] but on infinities; vectors with one of those, or a
/// NaN, are left to the arrays.
final class ExactFloat32VectorKernel extends ExactKernel {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final boolean DIVIDES = SHAPE.op() == ReduceOp.AVG;
  private static final boolean TO_ODD = SHAPE.isNarrowFloat();
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.length() * Float.SIZE));
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(DOUBLES.length() * Integer.SIZE));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LANES = FLOATS.length();
  private static final int STEP = FLOATS.vectorByteSize();

  private final ExactKernel staged;
  private final ExactKernel other;

  /// Creates the kernel.
  ///
  /// @param plain an ordinary float32 kernel
  /// @param staged the array kernel of float32 that rounds likewise, for what is left of the last
  ///   vector and for what is not finite
  /// @param dividing for a kernel that only sums, the one that divides; else null
  ExactFloat32VectorKernel(
      ReductionKernel plain, ExactKernel staged, @Nullable ExactKernel dividing) {
    super(plain, Float.BYTES);
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
    long bytes = count * Float.BYTES;
    long whole = bytes - bytes % STEP;
    switch (sourceCount) {
      case 2 -> loop2(target, sources, offsetBytes, whole, divisor, staged);
      case 4 -> loop4(target, sources, offsetBytes, whole, divisor, staged);
      default -> blocks(target, sources, sourceCount, offsetBytes, whole, divisor, staged);
    }
    if (whole < bytes) {
      long rest = (bytes - whole) / Float.BYTES;
      staged.fold(target + whole, sources, sourceCount, offsetBytes + whole, rest, divisor);
    }
  }

  /// Sums any number of sources block by block, in loops that keep their state in memory, so that
  /// each is short enough for the compiler to inline all of it.
  private static void blocks(
      long target,
      long[] sources,
      int n,
      long offset,
      long bytes,
      int divisor,
      ExactKernel staged) {
    Scratch scratch = Scratch.ofThread();
    long tops = scratch.block(1);
    long sums = scratch.block(2);
    long blockBytes = Scratch.BLOCK_BYTES / 2; // of float32, as many as there are sums in a block
    for (long i = 0; i < bytes; i += blockBytes) {
      long length = Math.min(blockBytes, bytes - i);
      long at = offset + i;
      for (int s = 0; s < n; s += 2) {
        long left = sources[s] + at;
        raise(tops, left, s + 1 < n ? sources[s + 1] + at : left, length, s == 0);
      }
      if (!begin(sums, tops, length)) {
        staged.fold(target + i, sources, n, at, length / Float.BYTES, divisor);
        continue;
      }
      int s = 0;
      for (; s + 1 < n; s += 2) {
        add2(sums, sources[s] + at, sources[s + 1] + at, length);
      }
      if (s < n) {
        add1(sums, sources[s] + at, length);
      }
      finish(target + i, sums, tops, length, divisor);
    }
  }

  /// Notes the larger of the exponents of two sources and, unless they are the first ones, those
  /// noted before.
  private static void raise(long tops, long left, long right, long bytes, boolean isFirst) {
    for (long i = 0; i < bytes; i += STEP) {
      IntVector a = IntVector.fromMemorySegment(INTS, ALL, left + i, ORDER);
      IntVector b = IntVector.fromMemorySegment(INTS, ALL, right + i, ORDER);
      IntVector top =
          a.and(PreRounding.FLOAT_EXPONENT)
              .max(b.and(PreRounding.FLOAT_EXPONENT))
              .max(PreRounding.FLOAT_LEAST);
      top = isFirst ? top : top.max(IntVector.fromMemorySegment(INTS, ALL, tops + i, ORDER));
      top.intoMemorySegment(ALL, tops + i, ORDER);
    }
  }

  /// Turns exponents into carriers, the first values of the sums; returns whether all are finite.
  private static boolean begin(long sums, long tops, long bytes) {
    IntVector largest = IntVector.zero(INTS);
    for (long i = 0; i < bytes; i += STEP) {
      IntVector top = IntVector.fromMemorySegment(INTS, ALL, tops + i, ORDER);
      largest = largest.max(top);
      ((DoubleVector) top.reinterpretAsFloats().convertShape(VectorOperators.F2D, DOUBLES, 0))
          .mul(PreRounding.CARRIER)
          .intoMemorySegment(ALL, sums + 2 * i, ORDER);
    }
    return largest.reduceLanes(VectorOperators.MAX) < PreRounding.FLOAT_EXPONENT;
  }

  private static void add1(long sums, long source, long bytes) {
    for (long i = 0; i < bytes; i += STEP) {
      LongVector x =
          ((DoubleVector)
                  FloatVector.fromMemorySegment(FLOATS, ALL, source + i, ORDER)
                      .convertShape(VectorOperators.F2D, DOUBLES, 0))
              .reinterpretAsLongs();
      DoubleVector.fromMemorySegment(DOUBLES, ALL, sums + 2 * i, ORDER)
          .add(x.or(1).reinterpretAsDoubles())
          .intoMemorySegment(ALL, sums + 2 * i, ORDER);
    }
  }

  private static void add2(long sums, long left, long right, long bytes) {
    for (long i = 0; i < bytes; i += STEP) {
      LongVector x =
          ((DoubleVector)
                  FloatVector.fromMemorySegment(FLOATS, ALL, left + i, ORDER)
                      .convertShape(VectorOperators.F2D, DOUBLES, 0))
              .reinterpretAsLongs();
      LongVector y =
          ((DoubleVector)
                  FloatVector.fromMemorySegment(FLOATS, ALL, right + i, ORDER)
                      .convertShape(VectorOperators.F2D, DOUBLES, 0))
              .reinterpretAsLongs();
      DoubleVector.fromMemorySegment(DOUBLES, ALL, sums + 2 * i, ORDER)
          .add(x.or(1).reinterpretAsDoubles())
          .add(y.or(1).reinterpretAsDoubles())
          .intoMemorySegment(ALL, sums + 2 * i, ORDER);
    }
  }

  private static void finish(long target, long sums, long tops, long bytes, int divisor) {
    DoubleVector by = DoubleVector.broadcast(DOUBLES, Math.max(1, divisor));
    for (long i = 0; i < bytes; i += STEP) {
      IntVector top = IntVector.fromMemorySegment(INTS, ALL, tops + i, ORDER);
      DoubleVector carrier =
          ((DoubleVector) top.reinterpretAsFloats().convertShape(VectorOperators.F2D, DOUBLES, 0))
              .mul(PreRounding.CARRIER);
      DoubleVector sum =
          DoubleVector.fromMemorySegment(DOUBLES, ALL, sums + 2 * i, ORDER).sub(carrier);
      sum = DIVIDES ? sum.div(by) : sum;
      LongVector bits = sum.reinterpretAsLongs();
      LongVector lost = bits.and(PreRounding.LOW_BITS).add(PreRounding.LOW_BITS);
      sum = TO_ODD ? bits.or(lost).and(~PreRounding.LOW_BITS).reinterpretAsDoubles() : sum;
      ((FloatVector) sum.convertShape(VectorOperators.D2F, FLOATS, 0))
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop2(
      long target, long[] sources, long offset, long bytes, int divisor, ExactKernel staged) {
    DoubleVector by = DoubleVector.broadcast(DOUBLES, Math.max(1, divisor));
    for (long i = 0; i < bytes; i += STEP) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, sources[0] + offset + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, sources[1] + offset + i, ORDER);
      IntVector top =
          a.reinterpretAsInts()
              .and(PreRounding.FLOAT_EXPONENT)
              .max(b.reinterpretAsInts().and(PreRounding.FLOAT_EXPONENT))
              .max(PreRounding.FLOAT_LEAST);
      if (top.compare(VectorOperators.EQ, PreRounding.FLOAT_EXPONENT).anyTrue()) {
        staged.fold(target + i, sources, 2, offset + i, LANES, divisor);
        continue;
      }
      DoubleVector carrier =
          ((DoubleVector) top.reinterpretAsFloats().convertShape(VectorOperators.F2D, DOUBLES, 0))
              .mul(PreRounding.CARRIER);
      LongVector w =
          ((DoubleVector) a.convertShape(VectorOperators.F2D, DOUBLES, 0)).reinterpretAsLongs();
      LongVector x =
          ((DoubleVector) b.convertShape(VectorOperators.F2D, DOUBLES, 0)).reinterpretAsLongs();
      DoubleVector sum =
          carrier
              .add(w.or(1).reinterpretAsDoubles())
              .add(x.or(1).reinterpretAsDoubles())
              .sub(carrier);
      sum = DIVIDES ? sum.div(by) : sum;
      LongVector bits = sum.reinterpretAsLongs();
      LongVector lost = bits.and(PreRounding.LOW_BITS).add(PreRounding.LOW_BITS);
      sum = TO_ODD ? bits.or(lost).and(~PreRounding.LOW_BITS).reinterpretAsDoubles() : sum;
      ((FloatVector) sum.convertShape(VectorOperators.D2F, FLOATS, 0))
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop4(
      long target, long[] sources, long offset, long bytes, int divisor, ExactKernel staged) {
    DoubleVector by = DoubleVector.broadcast(DOUBLES, Math.max(1, divisor));
    for (long i = 0; i < bytes; i += STEP) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, sources[0] + offset + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, sources[1] + offset + i, ORDER);
      FloatVector c = FloatVector.fromMemorySegment(FLOATS, ALL, sources[2] + offset + i, ORDER);
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, sources[3] + offset + i, ORDER);
      IntVector top =
          a.reinterpretAsInts()
              .and(PreRounding.FLOAT_EXPONENT)
              .max(b.reinterpretAsInts().and(PreRounding.FLOAT_EXPONENT))
              .max(c.reinterpretAsInts().and(PreRounding.FLOAT_EXPONENT))
              .max(d.reinterpretAsInts().and(PreRounding.FLOAT_EXPONENT))
              .max(PreRounding.FLOAT_LEAST);
      if (top.compare(VectorOperators.EQ, PreRounding.FLOAT_EXPONENT).anyTrue()) {
        staged.fold(target + i, sources, 4, offset + i, LANES, divisor);
        continue;
      }
      DoubleVector carrier =
          ((DoubleVector) top.reinterpretAsFloats().convertShape(VectorOperators.F2D, DOUBLES, 0))
              .mul(PreRounding.CARRIER);
      LongVector w =
          ((DoubleVector) a.convertShape(VectorOperators.F2D, DOUBLES, 0)).reinterpretAsLongs();
      LongVector x =
          ((DoubleVector) b.convertShape(VectorOperators.F2D, DOUBLES, 0)).reinterpretAsLongs();
      LongVector y =
          ((DoubleVector) c.convertShape(VectorOperators.F2D, DOUBLES, 0)).reinterpretAsLongs();
      LongVector z =
          ((DoubleVector) d.convertShape(VectorOperators.F2D, DOUBLES, 0)).reinterpretAsLongs();
      DoubleVector sum =
          carrier
              .add(w.or(1).reinterpretAsDoubles())
              .add(x.or(1).reinterpretAsDoubles())
              .add(y.or(1).reinterpretAsDoubles())
              .add(z.or(1).reinterpretAsDoubles())
              .sub(carrier);
      sum = DIVIDES ? sum.div(by) : sum;
      LongVector bits = sum.reinterpretAsLongs();
      LongVector lost = bits.and(PreRounding.LOW_BITS).add(PreRounding.LOW_BITS);
      sum = TO_ODD ? bits.or(lost).and(~PreRounding.LOW_BITS).reinterpretAsDoubles() : sum;
      ((FloatVector) sum.convertShape(VectorOperators.D2F, FLOATS, 0))
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  @Override
  public String implementation() {
    return "exact vector";
  }
}
