package dev.tutti.collectives.kernel;

import static dev.tutti.bindings.Memory.ALL;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Bfloat16 and the 8-bit floats on the Vector API; the conversions are those that
/// [NarrowFloatFormat] explains.
///
/// A template, see [KernelTemplate]. Each source's block is widened to float32 in scratch memory,
/// the float32 kernel reduces (and divides), and the result is rounded. One conversion per loop
/// keeps a loop's code within what the compiler will inline, see [VectorKernel]; two sources of
/// bfloat16, the common case, are combined in registers.
final class NarrowFloatVectorKernel extends ReductionKernel implements FloatConversion {
  private static final KernelShape SHAPE = KernelTemplate.shape(MethodHandles.lookup());
  private static final DataType TYPE = SHAPE.type();
  private static final NarrowFloatFormat FORMAT = NarrowFloatFormat.of(TYPE);
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final VectorOperators.Binary OP =
      switch (SHAPE.op()) {
        case SUM -> VectorOperators.ADD;
        case PROD -> VectorOperators.MUL;
        case MIN -> VectorOperators.MIN;
        case MAX -> VectorOperators.MAX;
        case AVG, PRE_MUL_SUM -> throw new IllegalArgumentException(SHAPE.toString());
      };

  private static final int ELEMENT_BYTES = TYPE.bytes();
  private static final int LANES = FLOATS.length();

  private final StagedKernel<?> staged;
  private final ReductionKernel wide;

  /// Creates the kernel.
  ///
  /// @param staged the array kernel of the same type and operator
  /// @param wide the float32 kernel of the same operator
  NarrowFloatVectorKernel(StagedKernel<?> staged, ReductionKernel wide) {
    this.staged = staged;
    this.wide = wide;
  }

  @Override
  public void combine(long target, long left, long right, long count) {
    Scratch scratch = Scratch.ofThread();
    long whole = 0;
    if (TYPE == DataType.BFLOAT16) {
      whole = count - count % LANES;
      combineBfloat16(target, left, right, whole);
    }
    long block = Scratch.OPERAND_ELEMENTS;
    for (long i = whole; i < count; i += block) {
      int n = (int) Math.min(block, count - i);
      long offset = i * ELEMENT_BYTES;
      widen(scratch, scratch.operand(0, n), left + offset, n);
      widen(scratch, scratch.operand(1, n), right + offset, n);
      wide.combine(scratch.operand(0, n), scratch.operand(0, n), scratch.operand(1, n), n);
      narrow(scratch, target + offset, scratch.operand(0, n), n);
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
    if (sourceCount > Scratch.OPERANDS || (sourceCount == 1 && divisor <= 1)) {
      staged.combineAll(
          targets, targetCount, sources, sourceCount, offsetBytes, count, divisor, stores);
      return;
    }
    if (sourceCount == 2 && targetCount == 1 && divisor <= 1) {
      combine(targets[0] + offsetBytes, sources[0] + offsetBytes, sources[1] + offsetBytes, count);
      return;
    }
    Scratch scratch = Scratch.ofThread();
    int block = Scratch.operandElements(sourceCount);
    for (long i = 0; i < count; i += block) {
      int n = (int) Math.min(block, count - i);
      long offset = offsetBytes + i * ELEMENT_BYTES;
      for (int s = 0; s < sourceCount; s++) {
        scratch.wideOperands[s] = scratch.operand(s, block);
        widen(scratch, scratch.operand(s, block), sources[s] + offset, n);
      }
      long result = scratch.operand(0, block);
      scratch.wideResult[0] = result;
      wide.combineAll(
          scratch.wideResult, 1, scratch.wideOperands, sourceCount, 0, n, divisor, Stores.CACHED);
      narrow(scratch, targets[0] + offset, result, n);
      for (int t = 1; t < targetCount; t++) {
        Memory.copy(targets[t] + offset, targets[0] + offset, (long) n * ELEMENT_BYTES);
      }
    }
  }

  private static void combineBfloat16(long target, long left, long right, long count) {
    long bytes = count * Short.BYTES;
    for (long i = 0; i < bytes; i += (long) LANES * Short.BYTES) {
      FloatVector a =
          ((IntVector)
                  ShortVector.fromMemorySegment(Shorts.SPECIES, ALL, left + i, ORDER)
                      .convertShape(VectorOperators.S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      FloatVector b =
          ((IntVector)
                  ShortVector.fromMemorySegment(Shorts.SPECIES, ALL, right + i, ORDER)
                      .convertShape(VectorOperators.S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      IntVector bits = a.lanewise(OP, b).reinterpretAsInts();
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> isNan = bits.and(0x7fff_ffff).compare(VectorOperators.GT, 0x7f80_0000);
      bits.add(upper.and(1))
          .add(0x7fff)
          .lanewise(VectorOperators.LSHR, 16)
          .blend(upper.or(0x40), isNan)
          .convertShape(VectorOperators.I2S, Shorts.SPECIES, 0)
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  @Override
  public void widen(long floats, long source, int count) {
    widen(Scratch.ofThread(), floats, source, count);
  }

  @Override
  public void narrow(long target, long floats, int count) {
    narrow(Scratch.ofThread(), target, floats, count);
  }

  /// Copies `count` elements to a block of float32, whose last vector is filled up.
  private static void widen(Scratch scratch, long block, long source, int count) {
    int whole = count - count % LANES;
    widenVectors(block, source, whole);
    if (whole < count) {
      long rest = (long) (count - whole) * ELEMENT_BYTES;
      Memory.copy(scratch.tail(0), source + (long) whole * ELEMENT_BYTES, rest);
      widenVectors(block + (long) whole * Float.BYTES, scratch.tail(0), LANES);
    }
  }

  /// Rounds `count` elements of a block of float32 into memory.
  private static void narrow(Scratch scratch, long target, long block, int count) {
    int whole = count - count % LANES;
    narrowVectors(target, block, whole);
    if (whole < count) {
      narrowVectors(scratch.tail(0), block + (long) whole * Float.BYTES, LANES);
      long rest = (long) (count - whole) * ELEMENT_BYTES;
      Memory.copy(target + (long) whole * ELEMENT_BYTES, scratch.tail(0), rest);
    }
  }

  private static void widenVectors(long block, long source, int count) {
    if (TYPE == DataType.BFLOAT16) {
      widenBfloat16(block, source, count);
    } else {
      widen8(block, source, count);
    }
  }

  private static void narrowVectors(long target, long block, int count) {
    if (TYPE == DataType.BFLOAT16) {
      narrowBfloat16(target, block, count);
    } else {
      narrow8(target, block, count);
    }
  }

  private static void widenBfloat16(long block, long source, int count) {
    for (long i = 0; i < count; i += LANES) {
      ((IntVector)
              ShortVector.fromMemorySegment(Shorts.SPECIES, ALL, source + i * Short.BYTES, ORDER)
                  .convertShape(VectorOperators.S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .intoMemorySegment(ALL, block + i * Float.BYTES, ORDER);
    }
  }

  private static void narrowBfloat16(long target, long block, int count) {
    for (long i = 0; i < count; i += LANES) {
      IntVector bits = IntVector.fromMemorySegment(INTS, ALL, block + i * Float.BYTES, ORDER);
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> isNan = bits.and(0x7fff_ffff).compare(VectorOperators.GT, 0x7f80_0000);
      bits.add(upper.and(1))
          .add(0x7fff)
          .lanewise(VectorOperators.LSHR, 16)
          .blend(upper.or(0x40), isNan)
          .convertShape(VectorOperators.I2S, Shorts.SPECIES, 0)
          .intoMemorySegment(ALL, target + i * Short.BYTES, ORDER);
    }
  }

  private static void widen8(long block, long source, int count) {
    float smallest = Float.intBitsToFloat(FORMAT.smallestNormalBits());
    for (long i = 0; i < count; i += LANES) {
      IntVector code =
          (IntVector)
              ByteVector.fromMemorySegment(Bytes.SPECIES, ALL, source + i, ORDER)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      IntVector magnitude = code.and(0x7f);
      IntVector mantissa = magnitude.lanewise(VectorOperators.LSHL, FORMAT.shift());
      // A subnormal gets the exponent of the smallest normal and so an implicit one; subtracting
      // that number normalises it.
      IntVector subnormal =
          mantissa
              .add(FORMAT.smallestNormalBits())
              .reinterpretAsFloats()
              .sub(smallest)
              .reinterpretAsInts();
      mantissa
          .add((127 - FORMAT.bias()) << 23)
          .blend(subnormal, magnitude.compare(VectorOperators.LT, 1 << FORMAT.mantissaBits()))
          .blend(mantissa.or(0x7f80_0000), magnitude.compare(VectorOperators.GT, FORMAT.ceiling()))
          .or(code.and(0x8000_0000))
          .intoMemorySegment(ALL, block + i * Float.BYTES, ORDER);
    }
  }

  private static void narrow8(long target, long block, int count) {
    int rebias = ((FORMAT.bias() - 127) << 23) + (1 << (FORMAT.shift() - 1)) - 1;
    float magic = Float.intBitsToFloat(FORMAT.subnormalMagicBits());
    for (long i = 0; i < count; i += LANES) {
      IntVector bits = IntVector.fromMemorySegment(INTS, ALL, block + i * Float.BYTES, ORDER);
      IntVector magnitude = bits.and(0x7fff_ffff);
      IntVector odd = magnitude.lanewise(VectorOperators.LSHR, FORMAT.shift()).and(1);
      IntVector subnormal =
          magnitude
              .reinterpretAsFloats()
              .add(magic)
              .reinterpretAsInts()
              .sub(FORMAT.subnormalMagicBits());
      magnitude
          .add(odd)
          .add(rebias)
          .lanewise(VectorOperators.ASHR, FORMAT.shift())
          .lanewise(VectorOperators.MIN, FORMAT.ceiling())
          .blend(subnormal, magnitude.compare(VectorOperators.LT, FORMAT.smallestNormalBits()))
          .blend(FORMAT.nan(), magnitude.compare(VectorOperators.GT, 0x7f80_0000))
          .or(bits.lanewise(VectorOperators.LSHR, 24).and(0x80))
          .convertShape(VectorOperators.I2B, Bytes.SPECIES, 0)
          .intoMemorySegment(ALL, target + i, ORDER);
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

  // Nested classes are ordinary classes: they cannot use this template's fields.

  /// As many shorts as there are lanes.
  private static final class Shorts {
    static final VectorSpecies<Short> SPECIES =
        VectorSpecies.of(
            short.class,
            VectorShape.forBitSize(FloatVector.SPECIES_PREFERRED.length() * Short.SIZE));
  }

  /// As many bytes as there are lanes.
  private static final class Bytes {
    static final VectorSpecies<Byte> SPECIES =
        VectorSpecies.of(
            byte.class, VectorShape.forBitSize(FloatVector.SPECIES_PREFERRED.length() * Byte.SIZE));
  }
}
