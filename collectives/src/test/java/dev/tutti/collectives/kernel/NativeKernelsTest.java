package dev.tutti.collectives.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.kernels.NativeKernels;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The variants for narrower vectors than this machine's, which would otherwise not run here.
final class NativeKernelsTest {
  private static final int BYTES = 640;
  private static final DataType[] TYPES = {
    DataType.INT8,
    DataType.INT32,
    DataType.INT64,
    DataType.FLOAT32,
    DataType.FLOAT64,
    DataType.BFLOAT16
  };

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void shouldGiveTheBitsOfTheArrayKernels(int width) {
    assumeTrue(Kernels.canStream() && width <= NativeKernels.streamWidth());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment arguments = arena.allocate(10 * Long.BYTES, 8);
      for (int nativeType = 0; nativeType < TYPES.length; nativeType++) {
        DataType type = TYPES[nativeType];
        for (int sources = 1; sources <= NativeKernels.MAX_SOURCES; sources++) {
          int divisor = type.isFloatingPoint() ? sources : 1;
          MemorySegment expected = arena.allocate(BYTES, 64);
          MemorySegment actual = arena.allocate(BYTES, 64);
          MemorySegment again = arena.allocate(BYTES, 64);
          long[] addresses = finiteSources(arena, type, sources);
          arguments.setAtIndex(ValueLayout.JAVA_LONG, 0, actual.address());
          arguments.setAtIndex(ValueLayout.JAVA_LONG, 1, again.address());
          for (int s = 0; s < sources; s++) {
            arguments.setAtIndex(ValueLayout.JAVA_LONG, 2 + s, addresses[s]);
          }
          long[] target = {expected.address()};
          int count = BYTES / type.bytes();
          Kernels.array(type, ReduceOp.SUM)
              .combineAll(target, 1, addresses, sources, 0, count, divisor, Stores.CACHED);

          int result =
              NativeKernels.streamReduce(
                  width, nativeType, arguments.address(), 2, sources, BYTES, divisor);

          assertEquals(0, result, "supported");
          assertEquals(-1, actual.mismatch(expected), () -> "first difference, " + type);
          assertEquals(-1, again.mismatch(expected), () -> "second target, " + type);
        }
      }
    }
  }

  /// Pseudo-random bits whose exponents, for floats, are never all ones: no NaN or infinity.
  private static long[] finiteSources(Arena arena, DataType type, int sources) {
    long[] addresses = new long[sources];
    for (int s = 0; s < sources; s++) {
      MemorySegment source = arena.allocate(BYTES, 64);
      for (int i = 0; i < BYTES; i++) {
        int bits = (i * 2654435 + s * 40503) >>> 7;
        boolean holdsExponent = i % type.bytes() == type.bytes() - 1;
        source.set(ValueLayout.JAVA_BYTE, i, (byte) (holdsExponent ? bits & 0xbf : bits));
      }
      addresses[s] = source.address();
    }
    return addresses;
  }
}
