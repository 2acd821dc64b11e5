package dev.tutti.collectives.kernel;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.Combiner;
import dev.tutti.collectives.CustomReduction;
import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The tree over many sources, with an operator that tells its shape.
final class CustomKernelTest {
  private static final int COUNT =
      9000; // more than a block of what is copied, and many of scratch memory

  /// Neither commutative nor associative.
  private static long combine(long left, long right) {
    return 31 * left + (right ^ (left >>> 7));
  }

  private static long source(int source, int index) {
    return (source + 1) * 0x9E3779B97F4A7C15L + index;
  }

  private static long tree(int low, int high, int index) {
    if (high - low == 1) {
      return source(low, index);
    }
    int middle = low + Integer.highestOneBit(high - low - 1);
    return combine(tree(low, middle, index), tree(middle, high, index));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0, -1",
    "2, 1, 0, 0",
    "2, 1, 0, 1",
    "2, 2, 3, 1",
    "3, 1, 0, 2",
    "5, 3, 1, 4",
    "8, 1, 0, 0",
    "33, 2, 5, 32"
  })
  void shouldCombineInTheCanonicalTree(int sources, int targets, int misalignment, int inPlace) {
    Combiner combiner = Combiner.ofLongs(CustomKernelTest::combine);
    CustomReduction op = CustomReduction.inRankOrder("tree", combiner, DataType.INT64);
    long[] from = new long[sources];
    long[] to = new long[targets];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment[] results = new MemorySegment[targets];
      for (int s = 0; s < sources; s++) {
        MemorySegment data = arena.allocate(8 * COUNT + 16, 64).asSlice(misalignment);
        for (int i = 0; i < COUNT; i++) {
          data.set(JAVA_LONG_UNALIGNED, 8L + 8L * i, source(s, i));
        }
        from[s] = data.address();
        if (s == inPlace) {
          results[0] = data;
        }
      }
      for (int t = 0; t < targets; t++) {
        results[t] = t == 0 && inPlace >= 0 ? results[0] : arena.allocate(8 * COUNT + 16, 64);
        to[t] = results[t].address();
      }

      new CustomKernel(op, DataType.INT64).combineAll(to, targets, from, sources, 8, COUNT, 1);

      for (MemorySegment result : results) {
        for (int i = 0; i < COUNT; i++) {
          assertThat(result.get(JAVA_LONG_UNALIGNED, 8L + 8L * i)).isEqualTo(tree(0, sources, i));
        }
      }
    }
  }
}
