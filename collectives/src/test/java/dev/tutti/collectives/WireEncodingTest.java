package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sums that travel encoded between ranks of different hosts.
final class WireEncodingTest {
  private static final int COUNT = 10_007;

  private static float value(int rank, int element) {
    return (float) new SplittableRandom(97L * element + rank).nextDouble(-1, 1);
  }

  private static void fill(MemorySegment data, int rank) {
    for (int i = 0; i < data.byteSize() / 4; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value(rank, i));
    }
  }

  private static double sum(int ranks, int element) {
    double sum = 0;
    for (int r = 0; r < ranks; r++) {
      sum += value(r, element);
    }
    return sum;
  }

  /// Checks that results `first` to `first + data` are sums, up to an error of each contribution
  /// and of the sum.
  private static void checkSums(
      MemorySegment data, int first, int ranks, double divisor, double bound) {
    for (int i = 0; i < data.byteSize() / 4; i++) {
      double expected = sum(ranks, first + i) / divisor;
      assertThat((double) data.getAtIndex(ValueLayout.JAVA_FLOAT, i))
          .isCloseTo(expected, within(bound * 2 * ranks / divisor));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ab, bfloat16, 0.004",
    "abc, between-hosts:int8, 0.0042",
    "ab, int8:stochastic, 0.008",
    "ab, float8-e4m3, 0.037"
  })
  void shouldSumWithinTheErrorOfTheCodecAndAlikeOnAllRanks(
      String hosts, String wire, double bound) {
    ConcurrentHashMap<Integer, byte[]> results = new ConcurrentHashMap<>();
    JoinedWorld.run(
        hosts,
        List.of("wire", wire),
        c -> {
          int ranks = c.size();
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(COUNT * 4L, 64);
            for (int round = 0; round < 2; round++) {
              fill(data, c.rank());
              c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM);
              checkSums(data, 0, ranks, 1, bound);
            }
            results.put(c.rank(), data.toArray(ValueLayout.JAVA_BYTE));
            fill(data, c.rank());
            PreparedOperation average =
                c.prepareAllReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.AVG);
            average.start().await();
            checkSums(data, 0, ranks, ranks, bound);
            assertThat(average.form())
                .containsIgnoringCase(wire.contains("int8") ? "int8 in" : " in ");

            fill(data, c.rank());
            int block = COUNT / ranks;
            MemorySegment own = arena.allocate(block * 4L, 64);
            c.reduceScatter(data, own, block, DataType.FLOAT32, ReduceOp.SUM);
            checkSums(own, c.rank() * block, ranks, 1, bound);
          }
        });

    for (byte[] each : results.values()) {
      assertThat(each).isEqualTo(results.get(0));
    }
  }

  @Test
  void shouldEncodeBetweenTheHostsOfTwoLevels() {
    int count = 4 * 5000;
    JoinedWorld.run(
        "aabb",
        List.of("wire", "int8"),
        c -> {
          Communicator node = c.byHost();
          Communicator across = c.split(node.rank(), c.rank());
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(count * 4L, 64);
            int half = count / node.size();
            MemorySegment part = arena.allocate(half * 4L, 64);
            fill(data, c.rank());

            node.reduceScatter(data, part, half, DataType.FLOAT32, ReduceOp.SUM);
            PreparedOperation sum =
                across.prepareAllReduce(part, part, half, DataType.FLOAT32, ReduceOp.SUM);
            sum.run();
            node.allGather(part, data, half, DataType.FLOAT32);

            assertThat(sum.form()).startsWith("INT8 in ");
            checkSums(data, 0, c.size(), 1, 0.0042);
            PreparedOperation whole =
                c.prepareAllReduce(data, data, count, DataType.FLOAT32, ReduceOp.SUM);
            assertThat(whole.form()).doesNotContain("INT8");
          } finally {
            across.close();
            node.close();
          }
        });
  }

  @Test
  void shouldLeaveSmallDataAndOtherTypesAsTheyAre() {
    JoinedWorld.run(
        "ab",
        List.of("wire", "int8"),
        c -> {
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(1 << 17, 64);
            data.setAtIndex(ValueLayout.JAVA_FLOAT, 1, 1e-6f);
            data.setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1);
            c.allReduce(data, data, 1000, DataType.FLOAT32, ReduceOp.SUM);
            assertThat(data.getAtIndex(ValueLayout.JAVA_FLOAT, 1)).isEqualTo(2e-6f);

            data.fill((byte) 0);
            data.setAtIndex(ValueLayout.JAVA_INT, 9, 1_000_001);
            c.allReduce(data, data, 1 << 15, DataType.INT32, ReduceOp.SUM);
            assertThat(data.getAtIndex(ValueLayout.JAVA_INT, 9)).isEqualTo(2_000_002);
          }
        });
  }

  @Test
  void shouldNotLoseForGoodWhatIsFedBack() {
    float small = 1e-3f; // a quarter of half a step of its block: always rounded to zero
    int steps = 20;
    JoinedWorld.run(
        "ab",
        List.of("wire", "int8"),
        c -> {
          try (Arena arena = Arena.ofShared();
              ErrorFeedback feedback = new ErrorFeedback(c, COUNT)) {
            MemorySegment gradient = arena.allocate(COUNT * 4L, 64);
            MemorySegment result = arena.allocate(COUNT * 4L, 64);
            for (int i = 0; i < COUNT; i++) {
              gradient.setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 256 == 0 ? 1 : small);
            }
            c.allReduce(gradient, result, COUNT, DataType.FLOAT32, ReduceOp.AVG);
            assertThat(result.getAtIndex(ValueLayout.JAVA_FLOAT, 5)).isZero();

            double sum = 0;
            for (int step = 0; step < steps; step++) {
              feedback.allReduce(gradient, result, ReduceOp.AVG);
              sum += result.getAtIndex(ValueLayout.JAVA_FLOAT, 5);
            }
            assertThat(sum).isCloseTo(steps * small, within(1.0 / 127));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4", "within-hosts:int8", "float8-e4m3:stochastic", "int8:random"})
  void shouldRefuseUnknownEncodings(String wire) {
    assertThatThrownBy(() -> CommunicatorConfig.builder().set("wire", wire).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tutti.wire is \"" + wire + "\"")
        .hasMessageContaining("float8-e5m2");
  }

  @Test
  void shouldRefuseToRoundWhatMustBeReproduced() {
    assertThatThrownBy(() ->
            CommunicatorConfig.builder()
                .set("wire", "int8")
                .set("reproducibility", "exact")
                .build())
        .hasMessageContaining("tutti.wire")
        .hasMessageContaining("tutti.reproducibility");
  }
}
