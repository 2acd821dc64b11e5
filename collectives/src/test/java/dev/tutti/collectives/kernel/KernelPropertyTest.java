package dev.tutti.collectives.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every implementation against [ReferenceArithmetic], to the bit.
final class KernelPropertyTest {
  private static final long SEED = 20260801;
  private static final int[] COUNTS = {
    0, 1, 2, 3, 7, 15, 16, 17, 31, 63, 64, 65, 127, 200, 300, 1000, 1025
  };
  private static final int[] SOURCES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 33};
  private static final int[] TARGETS = {1, 2, 3, 4, 8};
  private static final int[] MISALIGNMENTS = {0, 8, 1, 4, 32, 13, 2};
  private static final ReduceOp[] OPS = {
    ReduceOp.SUM, ReduceOp.PROD, ReduceOp.MIN, ReduceOp.MAX, ReduceOp.AVG
  };

  private record Implementation(String name, ReductionKernel kernel, Stores stores) {}

  private static List<Implementation> implementations(DataType type, ReduceOp op) {
    List<Implementation> all = new ArrayList<>();
    all.add(new Implementation("array", Kernels.array(type, op), Stores.CACHED));
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      all.add(new Implementation("vector", Kernels.vector(type, op), Stores.CACHED));
    }
    all.add(new Implementation("streaming", Kernels.of(type, op), Stores.STREAMING));
    return all;
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void shouldCombineAllInTheCanonicalTree(DataType type) {
    Random random = new Random(SEED);
    for (ReduceOp op : OPS) {
      List<Implementation> implementations = implementations(type, op);
      ReferenceArithmetic reference = new ReferenceArithmetic(type, op);
      for (int sources : SOURCES) {
        for (int targets : TARGETS) {
          int count = COUNTS[random.nextInt(COUNTS.length)];
          int divisor = op == ReduceOp.AVG ? 1 + random.nextInt(8) : 1;
          try (Arena arena = Arena.ofConfined()) {
            Operands operands = operands(arena, random, type, count, sources, targets);
            checkCombineAll(reference, implementations, operands, divisor);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void shouldCrossTheBordersOfBlocks(DataType type) {
    Random random = new Random(SEED);
    int count = 2 * Scratch.BLOCK_BYTES / type.bytes() + 5;
    for (int sources : new int[] {2, 19}) {
      try (Arena arena = Arena.ofConfined()) {
        Operands operands = operands(arena, random, type, count, sources, 3);
        checkCombineAll(
            new ReferenceArithmetic(type, ReduceOp.AVG),
            implementations(type, ReduceOp.AVG),
            operands,
            3);
      }
    }
  }

  private static Operands operands(
      Arena arena, Random random, DataType type, int count, int sources, int targets) {
    int misalignment = MISALIGNMENTS[random.nextInt(MISALIGNMENTS.length)];
    return new Operands(
        arena, random, type, count, sources, targets, misalignment, random.nextBoolean());
  }

  private static void checkCombineAll(
      ReferenceArithmetic reference,
      List<Implementation> implementations,
      Operands operands,
      int divisor) {
    long[] expected = new long[operands.count];
    for (int i = 0; i < operands.count; i++) {
      expected[i] = reference.reduce(operands.elements(i), divisor);
    }
    long shift = 24; // base + offset is what counts
    long[] targets = shifted(operands.targets, shift);
    long[] sources = shifted(operands.sources, shift);
    for (Implementation implementation : implementations) {
      operands.reset();

      implementation.kernel.combineAll(
          targets,
          targets.length,
          sources,
          sources.length,
          shift,
          operands.count,
          divisor,
          implementation.stores);

      check(reference, expected, operands, implementation.name + ", divisor " + divisor);
    }
  }

  private static long[] shifted(long[] addresses, long by) {
    long[] shifted = addresses.clone();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] -= by;
    }
    return shifted;
  }

  private static void check(
      ReferenceArithmetic reference, long[] expected, Operands operands, String what) {
    long mask = -1L >>> (64 - operands.type.bytes() * 8);
    for (int t = 0; t < operands.targets.length; t++) {
      for (int i = 0; i < expected.length; i++) {
        long actual = operands.result(t, i);
        boolean isSame =
            actual == (expected[i] & mask)
                || (reference.isNan(actual) && reference.isNan(expected[i]));
        if (!isSame) {
          fail(
              "%s, %s: target %d, element %d is %x, expected %x"
                  .formatted(what, operands, t, i, actual, expected[i] & mask));
        }
      }
    }
    assertEquals(-1, operands.targetWithBrokenGuard(), () -> "guard of, " + what + operands);
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void shouldCombineTwoWithEitherInPlace(DataType type) {
    Random random = new Random(SEED);
    for (ReduceOp op : OPS) {
      ReferenceArithmetic reference = new ReferenceArithmetic(type, op);
      for (Implementation implementation : implementations(type, op)) {
        for (int count : COUNTS) {
          for (int place = 0; place < 2; place++) {
            try (Arena arena = Arena.ofConfined()) {
              int misalignment = MISALIGNMENTS[random.nextInt(MISALIGNMENTS.length)];
              Operands o = new Operands(arena, random, type, count, 2, 1, misalignment, place == 1);
              long[] expected = new long[count];
              for (int i = 0; i < count; i++) {
                expected[i] = reference.reduce(o.elements(i), 1);
              }

              implementation.kernel.combine(o.targets[0], o.sources[0], o.sources[1], count);

              check(reference, expected, o, implementation.name);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void shouldDivideAndScale(DataType type) {
    Random random = new Random(SEED);
    ReferenceArithmetic reference = new ReferenceArithmetic(type, ReduceOp.AVG);
    for (Implementation implementation : implementations(type, ReduceOp.AVG)) {
      for (int count : COUNTS) {
        try (Arena arena = Arena.ofConfined()) {
          Operands o = new Operands(arena, random, type, count, 1, 1, 1, random.nextBoolean());
          long[] divided = new long[count];
          long[] scaled = new long[count];
          for (int i = 0; i < count; i++) {
            divided[i] = reference.reduce(o.elements(i), 3);
            scaled[i] = type.isFloatingPoint() ? reference.scale(o.elements(i)[0], 0.3) : 0;
          }

          implementation.kernel.divide(o.targets[0], o.sources[0], count, 3);

          check(reference, divided, o, implementation.name + " divide");
          if (type.isFloatingPoint()) {
            o.reset();
            implementation.kernel.scale(o.targets[0], o.sources[0], count, 0.3);
            check(reference, scaled, o, implementation.name + " scale");
          }
        }
      }
    }
  }
}
