package dev.tutti.collectives.kernel;

import static dev.tutti.bindings.Memory.ALL;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.ReduceOp;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// Kernels on the Vector API for the types that are lanes of a vector as they are: float32, float64
/// and the integers.
///
/// A template, see [KernelTemplate]: `SPECIES`, `OPERATOR` and the other static fields are
/// constants of each specialised class. Up to eight sources are combined in registers. More go
/// through [Scratch] blocks in groups of eight; a group is a subtree of the canonical tree because
/// that splits at powers of two.
///
/// The loops name the Vector API's own methods, which the compiler always inlines. A helper of ours
/// between them could be left out when a compilation grows large, and every vector that crosses
/// such a call is an allocated object.
final class VectorKernel extends ReductionKernel {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final boolean DIVIDES = SHAPE.op() == ReduceOp.AVG;
  private static final VectorSpecies<Number> SPECIES = species(SHAPE);
  private static final VectorOperators.Binary OP = operator(SHAPE);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int ELEMENT_BYTES = SHAPE.type().bytes();
  private static final int STEP = SPECIES.vectorByteSize();

  /// Sources that are combined in registers.
  private static final int GROUP = 8;

  /// A divisor above this is not a float32.
  private static final int MAX_EXACT_DIVISOR = 1 << 24;

  private final StagedKernel<?> staged;
  private final ReductionKernel plain;

  /// Creates the kernel.
  ///
  /// @param staged the array kernel of the same type and operator, for scaling and dividing
  /// @param plain for a kernel that divides, the one of the same type that only sums; otherwise
  ///   null stands for this kernel
  VectorKernel(StagedKernel<?> staged, @Nullable ReductionKernel plain) {
    this.staged = staged;
    this.plain = plain == null ? this : plain;
  }

  @Override
  public void combine(long target, long left, long right, long count) {
    if (DIVIDES) {
      plain.combine(target, left, right, count);
      return;
    }
    long bytes = count * ELEMENT_BYTES;
    long whole = bytes - bytes % STEP;
    loop2(target, left, right, whole, 1);
    if (whole < bytes) {
      Scratch scratch = Scratch.ofThread();
      long rest = bytes - whole;
      Memory.copy(scratch.tail(0), left + whole, rest);
      Memory.copy(scratch.tail(1), right + whole, rest);
      loop2(scratch.tail(0), scratch.tail(0), scratch.tail(1), STEP, 1);
      Memory.copy(target + whole, scratch.tail(0), rest);
    }
  }

  @Override
  public void combineAll(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offsetBytes,
      long count,
      int divisor,
      Stores stores) {
    if (DIVIDES && (divisor <= 1 || divisor > MAX_EXACT_DIVISOR)) {
      plain.combineAll(
          targets, targetCount, sources, sourceCount, offsetBytes, count, divisor, stores);
    } else if (targetCount == 1 && sourceCount <= GROUP && (DIVIDES || divisor <= 1)) {
      long bytes = count * ELEMENT_BYTES;
      long target = targets[0] + offsetBytes;
      group(target, sources, 0, sourceCount, offsetBytes, bytes, DIVIDES ? divisor : 1);
    } else {
      combineBlocks(targets, targetCount, sources, sourceCount, offsetBytes, count, divisor);
    }
  }

  /// Computes block by block into the first target and copies each block, still in the level 1
  /// cache, to the others.
  private void combineBlocks(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offsetBytes,
      long count,
      int divisor) {
    long end = offsetBytes + count * ELEMENT_BYTES;
    int inLoop = DIVIDES ? divisor : 1;
    for (long offset = offsetBytes; offset < end; offset += Scratch.BLOCK_BYTES) {
      long bytes = Math.min(Scratch.BLOCK_BYTES, end - offset);
      long first = targets[0] + offset;
      int done = 1;
      if (sourceCount > GROUP) {
        manySources(first, sources, sourceCount, offset, bytes, inLoop);
      } else if (hasLoop(targetCount, sourceCount) && bytes % STEP == 0 && inLoop == divisor) {
        targetLoop(targets, targetCount, sources, offset, bytes, inLoop);
        done = targetCount;
      } else {
        group(first, sources, 0, sourceCount, offset, bytes, inLoop);
      }
      if (!DIVIDES && divisor > 1) {
        staged.divide(first, first, bytes / ELEMENT_BYTES, divisor);
      }
      for (int t = done; t < targetCount; t++) {
        if (targets[t] != targets[0]) {
          Memory.copy(targets[t] + offset, first, bytes);
        }
      }
    }
  }

  /// Reduces one block of more than [#GROUP] sources.
  ///
  /// The stack of partial results is the one of [StagedKernel], its elements being groups.
  private void manySources(
      long target, long[] sources, int sourceCount, long offset, long bytes, int divisor) {
    Scratch scratch = Scratch.ofThread();
    long count = bytes / ELEMENT_BYTES;
    int depth = 0;
    for (int g = 0; g * GROUP < sourceCount; g++) {
      int n = Math.min(GROUP, sourceCount - g * GROUP);
      partial(scratch.block(depth++), sources, g * GROUP, n, offset, bytes);
      boolean isLast = (g + 1) * GROUP >= sourceCount;
      for (int pairs = g; (pairs & 1) == 1 && !isLast; pairs >>= 1) {
        depth--;
        plain.combine(
            scratch.block(depth - 1), scratch.block(depth - 1), scratch.block(depth), count);
      }
    }
    for (; depth > 2; depth--) {
      plain.combine(
          scratch.block(depth - 2), scratch.block(depth - 2), scratch.block(depth - 1), count);
    }
    if (DIVIDES) {
      plain.combine(scratch.block(0), scratch.block(0), scratch.block(1), count);
      scratch.operands[0] = scratch.block(0);
      group(target, scratch.operands, 0, 1, 0, bytes, divisor);
    } else {
      combine(target, scratch.block(0), scratch.block(1), count);
    }
  }

  /// Reduces one group of sources into a scratch block, without dividing.
  private void partial(long block, long[] sources, int first, int n, long offset, long bytes) {
    if (!DIVIDES) {
      group(block, sources, first, n, offset, bytes, 1);
      return;
    }
    Scratch scratch = Scratch.ofThread();
    System.arraycopy(sources, first, scratch.operands, 0, n);
    scratch.result[0] = block - offset;
    plain.combineAll(
        scratch.result, 1, scratch.operands, n, offset, bytes / ELEMENT_BYTES, 1, Stores.CACHED);
  }

  /// Reduces sources `first` to `first + n - 1`, at most [#GROUP], into `target`.
  private static void group(
      long target, long[] sources, int first, int n, long offset, long bytes, int divisor) {
    long s0 = sources[first] + offset;
    long s1 = n > 1 ? sources[first + 1] + offset : 0;
    long s2 = n > 2 ? sources[first + 2] + offset : 0;
    long s3 = n > 3 ? sources[first + 3] + offset : 0;
    long s4 = n > 4 ? sources[first + 4] + offset : 0;
    long s5 = n > 5 ? sources[first + 5] + offset : 0;
    long s6 = n > 6 ? sources[first + 6] + offset : 0;
    long s7 = n > 7 ? sources[first + 7] + offset : 0;
    long whole = bytes - bytes % STEP;
    loop(n, target, s0, s1, s2, s3, s4, s5, s6, s7, whole, divisor);
    if (whole < bytes) {
      Scratch scratch = Scratch.ofThread();
      long rest = bytes - whole;
      for (int s = 0; s < n; s++) {
        Memory.copy(scratch.tail(s), sources[first + s] + offset + whole, rest);
      }
      loop(
          n,
          scratch.tail(0),
          scratch.tail(0),
          scratch.tail(1),
          scratch.tail(2),
          scratch.tail(3),
          scratch.tail(4),
          scratch.tail(5),
          scratch.tail(6),
          scratch.tail(7),
          STEP,
          divisor);
      Memory.copy(target + whole, scratch.tail(0), rest);
    }
  }

  private static void loop(
      int n,
      long target,
      long s0,
      long s1,
      long s2,
      long s3,
      long s4,
      long s5,
      long s6,
      long s7,
      long bytes,
      int divisor) {
    switch (n) {
      case 1 -> loop1(target, s0, bytes, divisor);
      case 2 -> loop2(target, s0, s1, bytes, divisor);
      case 3 -> loop3(target, s0, s1, s2, bytes, divisor);
      case 4 -> loop4(target, s0, s1, s2, s3, bytes, divisor);
      case 5 -> loop5(target, s0, s1, s2, s3, s4, bytes, divisor);
      case 6 -> loop6(target, s0, s1, s2, s3, s4, s5, bytes, divisor);
      case 7 -> loop7(target, s0, s1, s2, s3, s4, s5, s6, bytes, divisor);
      default -> loop8(target, s0, s1, s2, s3, s4, s5, s6, s7, bytes, divisor);
    }
  }

  private static void loop1(long target, long s0, long bytes, int divisor) {
    if (!DIVIDES) {
      if (target != s0) {
        Memory.copy(target, s0, bytes);
      }
      return;
    }
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> v = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      v.lanewise(VectorOperators.DIV, by).intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop2(long target, long s0, long s1, long bytes, int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> v = a.lanewise(OP, b);
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop3(long target, long s0, long s1, long s2, long bytes, int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> v = a.lanewise(OP, b).lanewise(OP, c);
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop4(
      long target, long s0, long s1, long s2, long s3, long bytes, int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> d = SPECIES.fromMemorySegment(ALL, s3 + i, ORDER);
      Vector<Number> v = a.lanewise(OP, b).lanewise(OP, c.lanewise(OP, d));
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop5(
      long target, long s0, long s1, long s2, long s3, long s4, long bytes, int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> d = SPECIES.fromMemorySegment(ALL, s3 + i, ORDER);
      Vector<Number> e = SPECIES.fromMemorySegment(ALL, s4 + i, ORDER);
      Vector<Number> v = a.lanewise(OP, b).lanewise(OP, c.lanewise(OP, d)).lanewise(OP, e);
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop6(
      long target, long s0, long s1, long s2, long s3, long s4, long s5, long bytes, int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> d = SPECIES.fromMemorySegment(ALL, s3 + i, ORDER);
      Vector<Number> e = SPECIES.fromMemorySegment(ALL, s4 + i, ORDER);
      Vector<Number> f = SPECIES.fromMemorySegment(ALL, s5 + i, ORDER);
      Vector<Number> v =
          a.lanewise(OP, b).lanewise(OP, c.lanewise(OP, d)).lanewise(OP, e.lanewise(OP, f));
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop7(
      long target,
      long s0,
      long s1,
      long s2,
      long s3,
      long s4,
      long s5,
      long s6,
      long bytes,
      int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> d = SPECIES.fromMemorySegment(ALL, s3 + i, ORDER);
      Vector<Number> e = SPECIES.fromMemorySegment(ALL, s4 + i, ORDER);
      Vector<Number> f = SPECIES.fromMemorySegment(ALL, s5 + i, ORDER);
      Vector<Number> g = SPECIES.fromMemorySegment(ALL, s6 + i, ORDER);
      Vector<Number> v =
          a.lanewise(OP, b)
              .lanewise(OP, c.lanewise(OP, d))
              .lanewise(OP, e.lanewise(OP, f).lanewise(OP, g));
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void loop8(
      long target,
      long s0,
      long s1,
      long s2,
      long s3,
      long s4,
      long s5,
      long s6,
      long s7,
      long bytes,
      int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> d = SPECIES.fromMemorySegment(ALL, s3 + i, ORDER);
      Vector<Number> e = SPECIES.fromMemorySegment(ALL, s4 + i, ORDER);
      Vector<Number> f = SPECIES.fromMemorySegment(ALL, s5 + i, ORDER);
      Vector<Number> g = SPECIES.fromMemorySegment(ALL, s6 + i, ORDER);
      Vector<Number> h = SPECIES.fromMemorySegment(ALL, s7 + i, ORDER);
      Vector<Number> v =
          a.lanewise(OP, b)
              .lanewise(OP, c.lanewise(OP, d))
              .lanewise(OP, e.lanewise(OP, f).lanewise(OP, g.lanewise(OP, h)));
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  /// Returns whether there is a loop that writes several targets from registers.
  private static boolean hasLoop(int targetCount, int sourceCount) {
    return targetCount == sourceCount && (targetCount == 2 || targetCount == 4);
  }

  private static void targetLoop(
      long[] t, int targetCount, long[] s, long offset, long bytes, int divisor) {
    if (targetCount == 2) {
      loop2To2(t[0] + offset, t[1] + offset, s[0] + offset, s[1] + offset, bytes, divisor);
    } else {
      loop4To4(
          t[0] + offset,
          t[1] + offset,
          t[2] + offset,
          t[3] + offset,
          s[0] + offset,
          s[1] + offset,
          s[2] + offset,
          s[3] + offset,
          bytes,
          divisor);
    }
  }

  private static void loop2To2(long t0, long t1, long s0, long s1, long bytes, int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> v = a.lanewise(OP, b);
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, t0 + i, ORDER);
      v.intoMemorySegment(ALL, t1 + i, ORDER);
    }
  }

  private static void loop4To4(
      long t0,
      long t1,
      long t2,
      long t3,
      long s0,
      long s1,
      long s2,
      long s3,
      long bytes,
      int divisor) {
    Vector<Number> by = SPECIES.broadcast(divisor);
    for (long i = 0; i < bytes; i += STEP) {
      Vector<Number> a = SPECIES.fromMemorySegment(ALL, s0 + i, ORDER);
      Vector<Number> b = SPECIES.fromMemorySegment(ALL, s1 + i, ORDER);
      Vector<Number> c = SPECIES.fromMemorySegment(ALL, s2 + i, ORDER);
      Vector<Number> d = SPECIES.fromMemorySegment(ALL, s3 + i, ORDER);
      Vector<Number> v = a.lanewise(OP, b).lanewise(OP, c.lanewise(OP, d));
      v = DIVIDES ? v.lanewise(VectorOperators.DIV, by) : v;
      v.intoMemorySegment(ALL, t0 + i, ORDER);
      v.intoMemorySegment(ALL, t1 + i, ORDER);
      v.intoMemorySegment(ALL, t2 + i, ORDER);
      v.intoMemorySegment(ALL, t3 + i, ORDER);
    }
  }

  @Override
  public void divide(long target, long source, long count, int divisor) {
    staged.divide(target, source, count, divisor);
  }

  @Override
  public void scale(long target, long source, long count, double scalar) {
    staged.scale(target, source, count, scalar);
  }

  @Override
  public String implementation() {
    return "vector";
  }

  @SuppressWarnings("unchecked") // the lane type is used only through Vector's own operations
  private static VectorSpecies<Number> species(KernelShape shape) {
    VectorSpecies<?> species =
        switch (shape.type()) {
          case INT8, UINT8 -> ByteVector.SPECIES_PREFERRED;
          case INT32, UINT32 -> IntVector.SPECIES_PREFERRED;
          case INT64, UINT64 -> LongVector.SPECIES_PREFERRED;
          case FLOAT32 -> FloatVector.SPECIES_PREFERRED;
          case FLOAT64 -> DoubleVector.SPECIES_PREFERRED;
          case FLOAT16, BFLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 ->
              throw new IllegalArgumentException(shape.toString());
        };
    return (VectorSpecies<Number>) species;
  }

  private static VectorOperators.Binary operator(KernelShape shape) {
    return switch (shape.op()) {
      case SUM, AVG -> VectorOperators.ADD;
      case PROD -> VectorOperators.MUL;
      case MIN -> shape.isUnsigned() ? VectorOperators.UMIN : VectorOperators.MIN;
      case MAX -> shape.isUnsigned() ? VectorOperators.UMAX : VectorOperators.MAX;
      case PRE_MUL_SUM -> throw new IllegalArgumentException(shape.toString());
    };
  }
}
