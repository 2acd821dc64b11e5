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

  @ParameterizedTest
  @CsvSource({"aabb, int8", "abab, bfloat16:stochastic", "aaabb, int8", "abbcbb, float8-e4m3"})
  void shouldRoundTwiceInAllWhereHostsHaveSeveralRanks(String hosts, String wire) {
    int block = 1031;
    double bound = wire.startsWith("float8") ? 1.0 / 28 : 1.0 / 254;
    ConcurrentHashMap<Integer, byte[]> results = new ConcurrentHashMap<>();
    JoinedWorld.run(
        hosts,
        List.of("wire", wire),
        c -> {
          int count = c.size() * block;
          try (Arena arena = Arena.ofShared()) {
            MemorySegment foreign = arena.allocate(count * 4L, 64);
            MemorySegment registered = c.allocate(count * 4L);
            byte[] sums = new byte[0];
            for (MemorySegment send : List.of(foreign, registered)) {
              for (MemorySegment receive : List.of(foreign, registered)) { // by turns in place
                fill(send, c.rank());
                PreparedOperation sum =
                    c.prepareAllReduce(send, receive, count, DataType.FLOAT32, ReduceOp.SUM);
                sum.run();
                checkSums(receive, 0, c.size(), 1, bound);
                assertThat(sum.form()).contains(" between hosts in ");
                byte[] bytes = receive.toArray(ValueLayout.JAVA_BYTE);
                assertThat(wire.contains("stochastic") || sums.length == 0 ? bytes : sums)
                    .isEqualTo(bytes);
                sums = bytes;

                fill(send, c.rank());
                MemorySegment own = receive.asSlice(4L * c.rank() * block, 4L * block);
                c.reduceScatter(send, own, block, DataType.FLOAT32, ReduceOp.AVG);
                checkSums(own, c.rank() * block, c.size(), c.size(), bound);
              }
            }
            results.put(c.rank(), sums);
          }
        });

    for (byte[] each : results.values()) {
      assertThat(each).isEqualTo(results.get(0));
    }
  }

  /// Every rank's largest element of a block is 1, and so is each one's next code, so that nothing
  /// cancels out: then the error is at most one part in 127 of the largest sum.
  @Test
  void shouldKeepInt8WithinAHundredthOfTheBlocksMaximum() {
    JoinedWorld.run(
        "aabc",
        List.of("wire", "int8"),
        c -> {
          try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(COUNT * 4L, 64);
            SplittableRandom random = new SplittableRandom(c.rank());
            for (int i = 0; i < COUNT; i++) {
              boolean isHalfWay = random.nextBoolean(); // the worst that rounding has to do
              float code = random.nextInt(-126, 126) + (isHalfWay ? 0.499f : -0.499f);
              data.setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 128 == 0 ? 1 : code / 127);
            }
            MemorySegment exact = arena.allocate(COUNT * 8L, 64);
            for (int i = 0; i < COUNT; i++) {
              double value = data.getAtIndex(ValueLayout.JAVA_FLOAT, i);
              exact.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
            }
            c.allReduce(exact, exact, COUNT, DataType.FLOAT64, ReduceOp.SUM);
            c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM);

            double worst = 0;
            for (int i = 0; i < COUNT; i++) {
              double error =
                  data.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                      - exact.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
              worst = Math.max(worst, Math.abs(error));
            }
            assertThat(worst / c.size()).isLessThan(1e-2).isGreaterThan(1.0 / 512);
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

  @ParameterizedTest
  @ValueSource(strings = {"ab", "aab", "aabb"})
  void shouldNotLoseForGoodWhatIsFedBack(String hosts) {
    float small = 1e-3f; // a quarter of half a step of its block: always rounded to zero
    int steps = 20;
    JoinedWorld.run(
        hosts,
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

            double[] sums = new double[COUNT];
            for (int step = 0; step < steps; step++) {
              feedback.allReduce(gradient, result, ReduceOp.AVG);
              for (int i = 0; i < COUNT; i++) {
                sums[i] += result.getAtIndex(ValueLayout.JAVA_FLOAT, i);
              }
            }
            for (int i = 0; i < COUNT; i++) {
              assertThat(sums[i])
                  .isCloseTo(i % 256 == 0 ? steps : steps * small, within(1.0 / 127));
            }
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
