package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ExactValuesPropertyTest {
  private static final int[] WORLDS = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 64, 200};
  private static final int INDICES = 60;
  private static final long SEED = 7;

  static Stream<Arguments> cases() {
    return Stream.of(DataType.values())
        .flatMap(type -> TypeNames.ops("all").stream().map(op -> Arguments.of(type, op)));
  }

  @ParameterizedTest(name = "{0} {1}, seed " + SEED)
  @MethodSource("cases")
  void shouldBeExactInAnyOrder(DataType type, ReduceOp op) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int ranks : WORLDS) {
      ExactValues values = new ExactValues(type, op, ranks);
      for (int index = 0; index < INDICES; index++) {
        int[] order = shuffled(ranks, random);
        long partial = values.value(order[0], index);
        assertRepresentable(type, partial);
        for (int i = 1; i < ranks; i++) {
          long value = values.value(order[i], index);
          assertRepresentable(type, value);
          partial = combine(op, partial, value);
          assertRepresentable(type, partial);
        }
        long expected = op == ReduceOp.AVG ? partial / ranks : partial;
        assertThat(values.reduced(index)).isEqualTo(expected);
        if (op == ReduceOp.AVG) {
          assertThat(partial % ranks).as("remainder of the average").isZero();
        }
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void shouldDependOnRankAndIndex(DataType type, ReduceOp op) {
    for (int ranks : new int[] {2, 3, 4, 8}) {
      ExactValues values = new ExactValues(type, op, ranks);
      long differsByIndex = 0;
      long differsByRank = 0;
      for (int index = 0; index < 1000; index++) {
        differsByIndex += values.reduced(index) == values.reduced(index + 1) ? 0 : 1;
        differsByRank += values.value(0, index) == values.value(1, index) ? 0 : 1;
      }

      assertThat(differsByIndex).as("%d ranks", ranks).isGreaterThan(40);
      assertThat(differsByRank).as("%d ranks", ranks).isGreaterThan(100);
    }
  }

  private static int[] shuffled(int count, SplittableRandom random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static long combine(ReduceOp op, long a, long b) {
    return switch (op) {
      case SUM, AVG, PRE_MUL_SUM -> a + b;
      case PROD -> a * b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }

  private static void assertRepresentable(DataType type, long value) {
    boolean holds =
        switch (type) {
          case INT8 -> value == (byte) value;
          case UINT8 -> value == (value & 0xff);
          case INT32, INT64 -> value == (int) value;
          case UINT32, UINT64 -> value >= 0 && value < 1L << 32;
          case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value)) == value;
          case BFLOAT16 -> (Float.floatToRawIntBits((float) value) & 0xffff) == 0;
          case FLOAT32 -> (long) (float) value == value;
          case FLOAT64 -> true;
          case FLOAT8_E4M3 -> significantBits(value) <= 4 && Math.abs(value) <= 448;
          case FLOAT8_E5M2 -> significantBits(value) <= 3 && Math.abs(value) <= 57344;
        };
    assertThat(holds).as("%s represents %d", type, value).isTrue();
  }

  private static int significantBits(long value) {
    long magnitude = Math.abs(value);
    return magnitude == 0
        ? 0
        : 64 - Long.numberOfLeadingZeros(magnitude) - Long.numberOfTrailingZeros(magnitude);
  }
}
