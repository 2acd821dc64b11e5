package dev.tutti.collectives.kernel;

import static dev.tutti.bindings.Memory.ALL;

import dev.tutti.bindings.Memory;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Arithmetic of blocks on the Vector API; what is left of the last vector is done element by
/// element.
///
/// Bytes are taken as vectors of as many lanes as there are floats, which must be 64 bits at least;
/// with narrower ones everything is done element by element.
final class VectorBlockArithmetic extends BlockArithmetic {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LANES = FLOATS.length();
  private static final boolean HAS_BYTES = LANES >= Long.BYTES;
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LANES * Byte.SIZE)));
  private static final IntVector PLACES = IntVector.zero(INTS).addIndex(1);

  private static int whole(int count) {
    return count - count % LANES;
  }

  private static float get(long address, int element) {
    return Float.intBitsToFloat(Memory.getInt(address + (long) element * Float.BYTES));
  }

  private static void put(long address, int element, float value) {
    Memory.putInt(address + (long) element * Float.BYTES, Float.floatToRawIntBits(value));
  }

  @Override
  int largestBits(long source, int count) {
    int whole = whole(count);
    IntVector largest = IntVector.zero(INTS);
    for (int i = 0; i < whole; i += LANES) {
      IntVector bits = IntVector.fromMemorySegment(INTS, ALL, source + (long) i * 4, ORDER);
      largest = largest.max(bits.and(0x7fff_ffff));
    }
    int result = largest.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < count; i++) {
      result = Math.max(result, Float.floatToRawIntBits(get(source, i)) & 0x7fff_ffff);
    }
    return result;
  }

  @Override
  void multiply(long target, long source, int count, float factor) {
    int whole = whole(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromMemorySegment(FLOATS, ALL, source + (long) i * 4, ORDER)
          .mul(factor)
          .intoMemorySegment(ALL, target + (long) i * 4, ORDER);
    }
    for (int i = whole; i < count; i++) {
      put(target, i, get(source, i) * factor);
    }
  }

  @Override
  void quantise(long target, long source, int count, float factor, boolean isRandom, int key) {
    int whole = HAS_BYTES ? whole(count) : 0;
    if (isRandom) {
      quantiseAtRandom(target, source, whole, factor, key);
    } else {
      quantiseToNearest(target, source, whole, factor);
    }
    for (int i = whole; i < count; i++) {
      byte code = quantise(get(source, i), factor, isRandom, key, i);
      ALL.set(ValueLayout.JAVA_BYTE, target + i, code);
    }
  }

  private static void quantiseToNearest(long target, long source, int count, float factor) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector.fromMemorySegment(FLOATS, ALL, source + (long) i * 4, ORDER)
          .mul(factor)
          .add(MAGIC)
          .reinterpretAsInts()
          .sub(MAGIC_BITS)
          .max(-MOST)
          .min(MOST)
          .convertShape(VectorOperators.I2B, BYTES, 0)
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  private static void quantiseAtRandom(long target, long source, int count, float factor, int key) {
    for (int i = 0; i < count; i += LANES) {
      IntVector x = PLACES.add(key + i);
      x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 16)).mul(0x7feb352d);
      x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 15)).mul(0x846ca68b);
      x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 16));
      FloatVector random =
          ((FloatVector)
                  x.lanewise(VectorOperators.LSHR, 8).convertShape(VectorOperators.I2F, FLOATS, 0))
              .mul(0x1p-24f)
              .sub(0.5f);
      FloatVector.fromMemorySegment(FLOATS, ALL, source + (long) i * 4, ORDER)
          .mul(factor)
          .add(random)
          .add(MAGIC)
          .reinterpretAsInts()
          .sub(MAGIC_BITS)
          .max(-MOST)
          .min(MOST)
          .convertShape(VectorOperators.I2B, BYTES, 0)
          .intoMemorySegment(ALL, target + i, ORDER);
    }
  }

  @Override
  void expand(long target, long source, int count, float scale) {
    int whole = HAS_BYTES ? whole(count) : 0;
    for (int i = 0; i < whole; i += LANES) {
      IntVector codes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, ALL, source + i, ORDER)
                  .convertShape(VectorOperators.B2I, INTS, 0);
      ((FloatVector) codes.convertShape(VectorOperators.I2F, FLOATS, 0))
          .mul(scale)
          .intoMemorySegment(ALL, target + (long) i * 4, ORDER);
    }
    for (int i = whole; i < count; i++) {
      byte code = ALL.get(ValueLayout.JAVA_BYTE, source + i);
      put(target, i, code * scale);
    }
  }

  @Override
  void cutAtRandom(long target, long source, int count, int key) {
    long rounded = Scratch.ofThread().block(1);
    int whole = whole(count);
    for (int i = 0; i < whole; i += LANES) {
      IntVector x = PLACES.add(key + i);
      x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 16)).mul(0x7feb352d);
      x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 15)).mul(0x846ca68b);
      x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 16));
      IntVector bits = IntVector.fromMemorySegment(INTS, ALL, source + (long) i * 4, ORDER);
      VectorMask<Integer> isNan =
          bits.and(0x7fff_ffff).compare(VectorOperators.GT, PreRounding.FLOAT_EXPONENT);
      bits.add(x.lanewise(VectorOperators.LSHR, 16))
          .blend(bits.or(QUIET), isNan)
          .intoMemorySegment(ALL, rounded + (long) i * 4, ORDER);
    }
    for (int i = 0; i < count; i++) {
      short code =
          i < whole
              ? (short) (Memory.getInt(rounded + (long) i * 4) >>> 16)
              : cutAtRandom(get(source, i), key, i);
      ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, target + (long) i * 2, code);
    }
  }
}
