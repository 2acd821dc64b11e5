package dev.tutti.collectives.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

final class ExactKernelTest {
  private static final long SEED = 20261122;
  private static final int[] SOURCES = {1, 2, 3, 4, 5, 8, 33};
  private static final int[] COUNTS = {0, 1, 7, 16, 64, 65, 200, 1100};

  private static List<ReductionKernel> implementations(DataType type, ReduceOp op) {
    List<ReductionKernel> all = new ArrayList<>(List.of(ExactKernels.array(type, op)));
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      all.add(ExactKernels.vector(type, op));
    }
    return all;
  }

  /// Returns the bits of the results in all targets.
  private static List<Long> run(
      ReductionKernel kernel, Operands operands, long[] sources, int divisor, Stores stores) {
    operands.reset();
    int targets = operands.targets.length;
    kernel.combineAll(
        operands.targets, targets, sources, sources.length, 0, operands.count, divisor, stores);
    List<Long> bits = new ArrayList<>();
    for (int t = 0; t < targets; t++) {
      for (int i = 0; i < operands.count; i++) {
        bits.add(operands.result(t, i));
      }
    }
    assertThat(operands.targetWithBrokenGuard()).isEqualTo(-1);
    return bits;
  }

  /// Returns the sources in another order, with `zeros` further ones that are zero.
  private static long[] shuffled(Random random, long[] sources, int zeros, long zero) {
    List<Long> all = new ArrayList<>();
    for (long source : sources) {
      all.add(source);
    }
    for (int z = 0; z < zeros; z++) {
      all.add(zero);
    }
    java.util.Collections.shuffle(all, random);
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT.*", "BFLOAT16"},
      mode = Mode.MATCH_ANY)
  void shouldGiveTheSameBitsInAnyOrderAndWithAnyZeros(DataType type) {
    Random random = new Random(SEED);
    for (ReduceOp op : new ReduceOp[] {ReduceOp.SUM, ReduceOp.AVG}) {
      for (int n : SOURCES) {
        int count = COUNTS[random.nextInt(COUNTS.length)];
        int divisor = op == ReduceOp.AVG ? 3 : 1;
        int targets = 1 + random.nextInt(3);
        try (Arena arena = Arena.ofConfined()) {
          Operands o = new Operands(arena, random, type, count, n, targets, 8, false);
          long zero = arena.allocate((long) count * type.bytes() + 1).address();
          List<Long> expected =
              run(ExactKernels.array(type, op), o, o.sources, divisor, Stores.CACHED);
          for (ReductionKernel kernel : implementations(type, op)) {
            for (Stores stores : Stores.values()) {
              long[] sources = shuffled(random, o.sources, random.nextInt(4), zero);

              List<Long> bits = run(kernel, o, sources, divisor, stores);

              assertThat(bits)
                  .as("%s %s of %d, %s, %s", type, op, n, kernel.implementation(), stores)
                  .isEqualTo(expected);
            }
          }
        }
      }
    }
  }

  @Test
  void shouldSumMoreSourcesThanThereIsScratchMemoryFor() {
    Random random = new Random(SEED);
    DataType type = DataType.BFLOAT16;
    try (Arena arena = Arena.ofConfined()) {
      Operands o = new Operands(arena, random, type, 65, Scratch.OPERANDS + 1, 1, 0, false);
      List<Long> expected =
          run(ExactKernels.array(type, ReduceOp.SUM), o, o.sources, 1, Stores.CACHED);
      for (ReductionKernel kernel : implementations(type, ReduceOp.SUM)) {
        assertThat(run(kernel, o, o.sources, 1, Stores.CACHED)).isEqualTo(expected);
      }
    }
  }

  @Test
  void shouldSumTwoInPlace() {
    Random random = new Random(SEED);
    for (ReductionKernel kernel : implementations(DataType.FLOAT32, ReduceOp.SUM)) {
      try (Arena arena = Arena.ofConfined()) {
        Operands o = new Operands(arena, random, DataType.FLOAT32, 100, 2, 1, 0, true);
        List<Long> expected = run(kernel, o, o.sources, 1, Stores.CACHED);
        o.reset();

        kernel.combine(o.targets[0], o.sources[1], o.sources[0], o.count);

        for (int i = 0; i < o.count; i++) {
          assertThat(o.result(0, i)).isEqualTo(expected.get(i));
        }
      }
    }
  }

  /// Sums `values` as doubles with one kernel, in the type.
  private static double sum(ReductionKernel kernel, DataType type, int divisor, double... values) {
    try (Arena arena = Arena.ofConfined()) {
      long[] sources = new long[values.length];
      for (int s = 0; s < values.length; s++) {
        MemorySegment one = arena.allocate(8, 8);
        if (type == DataType.FLOAT64) {
          one.set(ValueLayout.JAVA_DOUBLE, 0, values[s]);
        } else if (type == DataType.FLOAT32) {
          one.set(ValueLayout.JAVA_FLOAT, 0, (float) values[s]);
        } else {
          one.set(
              ValueLayout.JAVA_SHORT,
              0,
              (short) (Float.floatToRawIntBits((float) values[s]) >>> 16));
        }
        sources[s] = one.address();
      }
      MemorySegment result = arena.allocate(8, 8);
      kernel.combineAll(new long[] {result.address()}, 1, sources, values.length, 0, 1, divisor);
      return switch (type) {
        case FLOAT64 -> result.get(ValueLayout.JAVA_DOUBLE, 0);
        case FLOAT32 -> result.get(ValueLayout.JAVA_FLOAT, 0);
        default -> Float.intBitsToFloat(result.get(ValueLayout.JAVA_SHORT, 0) << 16);
      };
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "FLOAT64"})
  void shouldStayWithinTheBoundOfItsFolds(DataType type) {
    Random random = new Random(SEED);
    int bits = type == DataType.FLOAT32 ? 37 : 75;
    int range = type == DataType.FLOAT32 ? 120 : 1000;
    for (int round = 0; round < 50; round++) {
      int n = 1 + random.nextInt(9);
      int spread = 1 + random.nextInt(60);
      int center = random.nextInt(2 * range) - range;
      double[] values = new double[n];
      BigDecimal exact = BigDecimal.ZERO;
      double largest = 0;
      for (int i = 0; i < n; i++) {
        double value = Math.scalb(random.nextGaussian(), center - random.nextInt(spread));
        values[i] = type == DataType.FLOAT32 ? (float) value : value;
        exact = exact.add(new BigDecimal(values[i]));
        largest = Math.max(largest, Math.abs(values[i]));
      }
      int exponent = Math.max(Math.getExponent(largest), -1022);
      BigDecimal lost = power(exponent - bits).multiply(BigDecimal.valueOf(n));

      for (ReductionKernel kernel : implementations(type, ReduceOp.SUM)) {
        double sum = sum(kernel, type, 1, values);

        double ulp = type == DataType.FLOAT32 ? Math.ulp((float) sum) : Math.ulp(sum);
        BigDecimal bound = lost.add(new BigDecimal(ulp).multiply(BigDecimal.valueOf(0.5)));
        assertThat(new BigDecimal(sum).subtract(exact).abs())
            .as("%s of %s", kernel.implementation(), java.util.Arrays.toString(values))
            .isLessThanOrEqualTo(bound);
      }
    }
  }

  private static BigDecimal power(int exponent) {
    BigDecimal two = BigDecimal.valueOf(2);
    return exponent >= 0
        ? two.pow(exponent)
        : BigDecimal.ONE.divide(two.pow(-exponent)); // exact: a power of two
  }

  @Test
  void shouldRoundBfloat16Once() {
    // Just above the middle between 1 and the next bfloat16: a first rounding to float32 would
    // give the middle, and the second one the even neighbour, 1.
    double[] values = {1, 0x1p-8, 0x1p-35};

    for (ReductionKernel kernel : implementations(DataType.BFLOAT16, ReduceOp.SUM)) {
      assertThat(sum(kernel, DataType.BFLOAT16, 1, values)).isEqualTo(1 + 0x1p-7);
    }
  }

  @Test
  void shouldTreatWhatIsNotAnOrdinaryNumberAlikeInAnyOrder() {
    double inf = Double.POSITIVE_INFINITY;
    double top = Double.MAX_VALUE;
    for (ReductionKernel kernel : implementations(DataType.FLOAT64, ReduceOp.SUM)) {
      assertThat(sum(kernel, DataType.FLOAT64, 1, 1, inf, -top)).isEqualTo(inf);
      assertThat(sum(kernel, DataType.FLOAT64, 1, inf, -inf, 1)).isNaN();
      assertThat(sum(kernel, DataType.FLOAT64, 1, top, top, -top)).isEqualTo(top);
      assertThat(sum(kernel, DataType.FLOAT64, 1, top, -top, top)).isEqualTo(top);
      assertThat(sum(kernel, DataType.FLOAT64, 1, top, top)).isEqualTo(inf);
      assertThat(sum(kernel, DataType.FLOAT64, 1, 1e-320, 2e-320)).isEqualTo(3e-320);
      assertThat(1 / sum(kernel, DataType.FLOAT64, 1, -0.0, -0.0)).isEqualTo(inf);
    }
    for (ReductionKernel kernel : implementations(DataType.FLOAT64, ReduceOp.AVG)) {
      assertThat(sum(kernel, DataType.FLOAT64, 2, top, top)).isEqualTo(top);
    }
    for (ReductionKernel kernel : implementations(DataType.FLOAT32, ReduceOp.SUM)) {
      assertThat(sum(kernel, DataType.FLOAT32, 1, 1, inf)).isEqualTo(inf);
      assertThat(sum(kernel, DataType.FLOAT32, 1, inf, -inf)).isNaN();
      assertThat(sum(kernel, DataType.FLOAT32, 1, 3e38, 3e38, -3e38)).isEqualTo((float) 3e38);
      assertThat(1 / sum(kernel, DataType.FLOAT32, 1, -0.0, -0.0, -0.0)).isEqualTo(inf);
      assertThat(sum(kernel, DataType.FLOAT32, 1, 0x1p-149, 0x1p-149)).isEqualTo(0x1p-148);
    }
  }

  @Test
  void shouldRefuseProductsOfFloats() {
    assertThatThrownBy(() -> ExactKernels.of(DataType.FLOAT32, ReduceOp.PROD))
        .hasMessageContaining("FLOAT32")
        .hasMessageContaining("canonical");
    assertThat(ExactKernels.of(DataType.INT32, ReduceOp.PROD))
        .isSameAs(Kernels.of(DataType.INT32, ReduceOp.PROD));
  }
}
