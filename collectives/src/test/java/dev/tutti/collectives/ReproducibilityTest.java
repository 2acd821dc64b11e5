package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReproducibilityTest {
  private static final int COUNT = 5003;
  private static final List<String> ALGORITHMS =
      List.of("auto", "flat", "direct", "recursive-doubling", "halving-doubling", "binomial-tree");

  private static CommunicatorConfig config(String algorithm, int flatBytes) {
    return CommunicatorConfig.builder()
        .algorithm(algorithm)
        .set("reproducibility", "canonical")
        .set("flatBytes", Integer.toString(flatBytes))
        .build();
  }

  /// Floats of very different sizes, whose sums depend on their order.
  private static float value(int rank, int element) {
    SplittableRandom random = new SplittableRandom(1000L * rank + element);
    return (float) ((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-4, 5)));
  }

  /// Returns the bytes of a sum over all ranks.
  private static byte[] sum(int ranks, DataType type, String algorithm, int flatBytes) {
    AtomicReference<byte[]> result = new AtomicReference<>(new byte[0]);
    try (World world = World.threads(ranks, config(algorithm, flatBytes))) {
      world.run(communicator -> {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment data = arena.allocate((long) COUNT * type.bytes(), 8);
          for (int i = 0; i < COUNT; i++) {
            float number = value(communicator.rank(), i);
            if (type == DataType.FLOAT32) {
              data.setAtIndex(ValueLayout.JAVA_FLOAT, i, number);
            } else {
              short bits = (short) (Float.floatToRawIntBits(number) >>> 16); // bfloat16, cut
              data.setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
            }
          }
          communicator.allReduce(data, data, COUNT, type, ReduceOp.SUM);
          if (communicator.rank() == ranks - 1) {
            result.set(data.toArray(ValueLayout.JAVA_BYTE));
          }
        }
      });
    }
    return result.get();
  }

  private static float tree(int from, int to, int element) {
    if (to - from == 1) {
      return value(from, element);
    }
    int half = Integer.highestOneBit(to - from - 1);
    return tree(from, from + half, element) + tree(from + half, to, element);
  }

  @ParameterizedTest
  @CsvSource({"2, FLOAT32", "5, FLOAT32", "6, FLOAT32", "3, BFLOAT16", "6, BFLOAT16"})
  void shouldGiveTheSameBitsWhateverTheAlgorithmAndForm(int ranks, DataType type) {
    byte[] first = sum(ranks, type, "auto", 64 << 10);

    List<String> different = new ArrayList<>();
    for (String algorithm : ALGORITHMS) {
      for (int flatBytes : new int[] {1024, 64 << 10}) {
        if (!java.util.Arrays.equals(first, sum(ranks, type, algorithm, flatBytes))) {
          different.add(algorithm + " with " + flatBytes);
        }
      }
    }

    assertThat(different).isEmpty();
  }

  @Test
  void shouldSumInTheBalancedTreeOverRanks() {
    int ranks = 7;

    MemorySegment sums = MemorySegment.ofArray(sum(ranks, DataType.FLOAT32, "auto", 1024));

    for (int i = 0; i < COUNT; i++) {
      assertThat(sums.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i)).isEqualTo(tree(0, ranks, i));
    }
  }

  @Test
  void shouldRefuseAnAlgorithmThatSumsInAnotherOrder() {
    assertThatThrownBy(() -> sum(3, DataType.FLOAT32, "ring", 1024))
        .hasMessageContaining("no canonical all-reduce by ring is known for 3 ranks");
  }

  @Test
  void shouldRefuseUnknownModes() {
    assertThatThrownBy(() -> CommunicatorConfig.builder().set("reproducibility", "some").build())
        .hasMessageContaining("reproducibility")
        .hasMessageContaining("canonical");
  }
}
