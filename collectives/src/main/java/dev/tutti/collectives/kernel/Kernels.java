package dev.tutti.collectives.kernel;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// The table of reduction kernels.
///
/// The implementation is chosen once: the Vector API if its module is present, arrays otherwise.
/// The system property [#PROPERTY] forces one.
public final class Kernels {
  /// System property that chooses the implementation: `auto` (the default), `vector` or `array`.
  public static final String PROPERTY = "tutti.kernel";

  private static final String MODULE = "jdk.incubator.vector";
  private static final Logger LOGGER = System.getLogger(Kernels.class.getName());
  private static final boolean VECTOR = choosesVector();
  private static final int OPS = ReduceOp.values().length;

  private static final AtomicReferenceArray<@Nullable ReductionKernel> TABLE =
      new AtomicReferenceArray<>(DataType.values().length * OPS);

  private Kernels() {}

  /// Returns the kernel of a type and operator.
  ///
  /// The first call for a pair makes its class, which takes about a millisecond; later calls return
  /// the same object. `AVG` and `PRE_MUL_SUM` combine as a sum: the division is asked for with the
  /// divisor of [ReductionKernel#combineAll] or with [ReductionKernel#divide], the multiplication
  /// with [ReductionKernel#scale].
  public static ReductionKernel of(DataType type, ReduceOp op) {
    int index = type.ordinal() * OPS + op.ordinal();
    ReductionKernel kernel = TABLE.get(index);
    return kernel != null ? kernel : install(index, type, op);
  }

  /// Returns the implementation in use: `vector` or `array`.
  public static String implementation() {
    return VECTOR ? "vector" : "array";
  }

  /// Returns whether [Stores#STREAMING] and [Memory#copyStreaming] have native code to call.
  public static boolean canStream() {
    return StreamingStores.areAvailable();
  }

  private static ReductionKernel install(int index, DataType type, ReduceOp op) {
    ReductionKernel made = VECTOR ? vector(type, op) : array(type, op);
    if (combining(op) == ReduceOp.SUM
        && StreamingKernel.isSupported(type)
        && StreamingStores.areAvailable()) {
      made = new StreamingKernel(made, type);
    }
    ReductionKernel other = TABLE.compareAndExchange(index, null, made);
    return other != null ? other : made;
  }

  /// Makes a kernel on the Vector API.
  static ReductionKernel vector(DataType type, ReduceOp op) {
    KernelShape shape = new KernelShape(type, combining(op));
    ReductionKernel staged = array(type, op);
    if (shape.isNarrowFloat()) {
      // The vector of narrow elements must not be shorter than 64 bits.
      return type != DataType.FLOAT16
              && FloatVector.SPECIES_PREFERRED.length() * type.bytes() >= Long.BYTES
          ? KernelTemplate.specialise(
              NarrowFloatVectorKernel.class, shape, staged, vector(DataType.FLOAT32, op))
          : staged;
    }
    ReductionKernel plain = KernelTemplate.specialise(VectorKernel.class, shape, staged, null);
    if (op != ReduceOp.AVG || !type.isFloatingPoint()) {
      return plain;
    }
    KernelShape dividing = new KernelShape(type, ReduceOp.AVG);
    return KernelTemplate.specialise(VectorKernel.class, dividing, staged, plain);
  }

  /// Makes a kernel on arrays.
  static ReductionKernel array(DataType type, ReduceOp op) {
    KernelShape shape = new KernelShape(type, combining(op));
    return KernelTemplate.specialise(
        switch (type) {
          case INT8, UINT8 -> Int8ArrayKernel.class;
          case INT32, UINT32 -> Int32ArrayKernel.class;
          case INT64, UINT64 -> Int64ArrayKernel.class;
          case FLOAT32 -> Float32ArrayKernel.class;
          case FLOAT64 -> Float64ArrayKernel.class;
          case FLOAT16, BFLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 -> NarrowFloatArrayKernel.class;
        },
        shape);
  }

  private static ReduceOp combining(ReduceOp op) {
    return switch (op) {
      case SUM, AVG, PRE_MUL_SUM -> ReduceOp.SUM;
      case PROD, MIN, MAX -> op;
    };
  }

  private static boolean choosesVector() {
    String wanted = System.getProperty(PROPERTY, "auto").toLowerCase(Locale.ROOT);
    boolean isPresent = ModuleLayer.boot().findModule(MODULE).isPresent();
    switch (wanted) {
      case "array" -> {
        return false;
      }
      case "vector" -> {
        if (!isPresent) {
          throw new IllegalStateException(
              PROPERTY + "=vector needs the JVM option --add-modules " + MODULE);
        }
        return true;
      }
      case "auto" -> {
        if (!isPresent) {
          LOGGER.log(
              Level.WARNING,
              "Reductions run on arrays, which is slower; for vector kernels start the JVM"
                  + " with --add-modules "
                  + MODULE);
        }
        return isPresent;
      }
      default ->
          throw new IllegalStateException(
              PROPERTY + " must be auto, vector or array, not " + Objects.toString(wanted));
    }
  }
}
