package dev.tutti.collectives.kernel;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.kernel.ExactFloatArrayKernel.Rounding;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The table of kernels whose results depend on the sources alone, not on their order, their
/// grouping or how many of them are zero: for sums of floats those of [PreRounding]; minima, maxima
/// and integers are so anyway.
public final class ExactKernels {
  private static final int OPS = ReduceOp.values().length;

  private static final AtomicReferenceArray<@Nullable ReductionKernel> TABLE =
      new AtomicReferenceArray<>(DataType.values().length * OPS);

  private ExactKernels() {}

  /// Returns whether a reduction needs all its sources in one call to be exact.
  public static boolean isNeeded(DataType type, ReduceOp op) {
    return type.isFloatingPoint()
        && switch (op) {
          case SUM, AVG, PRE_MUL_SUM -> true;
          case PROD, MIN, MAX -> false;
        };
  }

  /// Returns the kernel of a type and operator; the ordinary one where that [is exact][#isNeeded].
  ///
  /// @throws IllegalArgumentException if there is none: a product of floats is rounded at every
  ///   step
  public static ReductionKernel of(DataType type, ReduceOp op) {
    if (op == ReduceOp.PROD && type.isFloatingPoint()) {
      throw new IllegalArgumentException(
          "a product of " + type + " has no exact form: use tutti.reproducibility=canonical");
    }
    if (!isNeeded(type, op)) {
      return Kernels.of(type, op);
    }
    int index = type.ordinal() * OPS + op.ordinal();
    ReductionKernel kernel = TABLE.get(index);
    if (kernel != null) {
      return kernel;
    }
    boolean isVector = Kernels.implementation().equals("vector");
    ReductionKernel made = isVector ? vector(type, op) : array(type, op);
    ReductionKernel other = TABLE.compareAndExchange(index, null, made);
    return other != null ? other : made;
  }

  /// Makes a kernel on arrays.
  static ExactKernel array(DataType type, ReduceOp op) {
    ReductionKernel plain = Kernels.array(type, op);
    return type == DataType.FLOAT64
        ? new ExactFloat64ArrayKernel(plain)
        : new ExactFloatArrayKernel(
            plain,
            (FloatStaging) plain,
            type.bytes(),
            type == DataType.FLOAT32 ? Rounding.NEAREST : Rounding.TO_ODD);
  }

  /// Makes a kernel on the Vector API.
  static ExactKernel vector(DataType type, ReduceOp op) {
    ReductionKernel plain = Kernels.vector(type, op);
    ExactKernel staged = array(type, op);
    if (type == DataType.FLOAT64) {
      return specialise(ExactFloat64VectorKernel.class, type, op, plain, staged);
    }
    if (type == DataType.FLOAT32) {
      return specialise(ExactFloat32VectorKernel.class, type, op, plain, staged);
    }
    if (!(plain instanceof FloatConversion elements)) {
      return staged;
    }
    ReductionKernel floats = Kernels.array(DataType.FLOAT32, op);
    ExactKernel odd =
        new ExactFloatArrayKernel(floats, (FloatStaging) floats, Float.BYTES, Rounding.TO_ODD);
    ExactKernel wide = specialise(ExactFloat32VectorKernel.class, type, op, floats, odd);
    return new ExactNarrowVectorKernel(plain, elements, wide, staged, type.bytes());
  }

  private static ExactKernel specialise(
      Class<? extends ExactKernel> template,
      DataType type,
      ReduceOp op,
      ReductionKernel plain,
      ExactKernel staged) {
    KernelShape dividing = new KernelShape(type, ReduceOp.AVG);
    ExactKernel divider =
        (ExactKernel) KernelTemplate.specialise(template, dividing, plain, staged, null);
    return op == ReduceOp.AVG
        ? divider
        : (ExactKernel)
            KernelTemplate.specialise(
                template, new KernelShape(type, ReduceOp.SUM), plain, staged, divider);
  }
}
