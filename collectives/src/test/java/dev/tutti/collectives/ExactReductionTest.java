package dev.tutti.collectives;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.kernel.ExactKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sums with `reproducibility=exact`: each element is the sum of a fixed set of contributions,
/// which lie on other ranks for other worlds, the remaining ranks having zeros.
final class ExactReductionTest {
  private static final int COUNT = 700;
  private static final int MOST = 8; // contributions to an element
  private static final Map<DataType, Integer> EXPONENTS =
      Map.ofEntries(
          entry(DataType.FLOAT16, 12),
          entry(DataType.BFLOAT16, 120),
          entry(DataType.FLOAT32, 120),
          entry(DataType.FLOAT64, 1015),
          entry(DataType.FLOAT8_E4M3, 6),
          entry(DataType.FLOAT8_E5M2, 12));

  private static final Map<String, byte[]> EXPECTED = new ConcurrentHashMap<>();

  private static List<String> exact(String... more) {
    List<String> options = new java.util.ArrayList<>(List.of("reproducibility", "exact"));
    options.addAll(List.of(more));
    return options;
  }

  private static void run(int ranks, List<String> options, World.RankTask task) {
    CommunicatorConfig.Builder builder = CommunicatorConfig.builder();
    for (int i = 0; i < options.size(); i += 2) {
      builder.set(options.get(i), options.get(i + 1));
    }
    try (World world = World.threads(ranks, builder.build())) {
      world.run(task);
    }
  }

  /// Returns how many contributions an element has in a world.
  private static int contributions(int element, int ranks) {
    return 1 + element % Math.min(ranks, MOST);
  }

  /// Returns the bits of a contribution: of all sizes, sometimes infinite.
  private static long value(DataType type, int element, int k) {
    SplittableRandom random = new SplittableRandom(31L * element + k);
    int range = EXPONENTS.getOrDefault(type, 0);
    int spread = random.nextInt(1, range);
    double value =
        Math.scalb(random.nextDouble() - 0.5, random.nextInt(spread) - (range - spread) / 2);
    if (element % 97 == 96 && k == 0) {
      value = Double.POSITIVE_INFINITY;
    }
    return switch (type) {
      case FLOAT64 -> Double.doubleToRawLongBits(value);
      case FLOAT32 -> Float.floatToRawIntBits((float) value);
      case BFLOAT16 -> Float.floatToRawIntBits((float) value) >>> 16;
      case FLOAT16 -> Float.floatToFloat16((float) value);
      default -> random.nextInt(0x70) | random.nextInt(2) << 7;
    };
  }

  private static void put(MemorySegment data, DataType type, long index, long bits) {
    switch (type.bytes()) {
      case 1 -> data.set(ValueLayout.JAVA_BYTE, index, (byte) bits);
      case 2 -> data.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) bits);
      case 4 -> data.setAtIndex(ValueLayout.JAVA_INT, index, (int) bits);
      default -> data.setAtIndex(ValueLayout.JAVA_LONG, index, bits);
    }
  }

  /// Fills in what a rank contributes: contribution k of an element is on rank k, shifted by a
  /// number that depends on the world.
  private static void fill(MemorySegment data, DataType type, int rank, int ranks) {
    for (int i = 0; i < COUNT; i++) {
      int k = Math.floorMod(rank + i * ranks / 3, ranks);
      put(data, type, i, k < contributions(i, ranks) ? value(type, i, k) : 0);
    }
  }

  /// Returns the sum that the contributions of a world have, however they are spread.
  private static byte[] expected(DataType type, ReduceOp op, int ranks) {
    return EXPECTED.computeIfAbsent(type + " " + op + " " + ranks, _ -> sum(type, op, ranks));
  }

  private static byte[] sum(DataType type, ReduceOp op, int ranks) {
    try (Arena arena = Arena.ofConfined()) {
      long[] sources = new long[MOST];
      for (int k = 0; k < MOST; k++) {
        MemorySegment data = arena.allocate((long) COUNT * type.bytes(), 64);
        for (int i = 0; i < COUNT; i++) {
          put(data, type, i, k < contributions(i, ranks) ? value(type, i, k) : 0);
        }
        sources[k] = data.address();
      }
      MemorySegment result = arena.allocate((long) COUNT * type.bytes(), 64);
      int divisor = op == ReduceOp.AVG ? ranks : 1;
      ExactKernels.of(type, op)
          .combineAll(new long[] {result.address()}, 1, sources, MOST, 0, COUNT, divisor);
      return result.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /// Returns the bytes of an all-reduce, twice and in place, so that nothing is left behind.
  private static void checkAllReduce(Communicator c, DataType type, ReduceOp op) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate((long) COUNT * type.bytes(), 64);
      for (int round = 0; round < 2; round++) {
        fill(data, type, c.rank(), c.size());
        c.allReduce(data, data, COUNT, type, op);
        assertThat(data.toArray(ValueLayout.JAVA_BYTE))
            .as("%s %s over %d ranks, round %d", type, op, c.size(), round)
            .isEqualTo(expected(type, op, c.size()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8})
  void shouldGiveTheSameBitsForAnyNumberOfRanksAndAlgorithm(int ranks) {
    for (String algorithm : List.of("auto", "ring")) {
      run(
          ranks,
          exact("algorithm", algorithm, "flatBytes", "1024"),
          c -> {
            for (DataType type : EXPONENTS.keySet()) {
              checkAllReduce(c, type, ReduceOp.SUM);
            }
            checkAllReduce(c, DataType.FLOAT32, ReduceOp.AVG);
            checkAllReduce(c, DataType.BFLOAT16, ReduceOp.AVG);
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"abc, ring", "aabb, auto"})
  void shouldGiveTheSameBitsBetweenHosts(String hosts, String algorithm) {
    JoinedWorld.run(
        hosts,
        exact("algorithm", algorithm),
        c -> {
          for (DataType type : EXPONENTS.keySet()) {
            checkAllReduce(c, type, ReduceOp.SUM);
          }
          checkAllReduce(c, DataType.FLOAT64, ReduceOp.AVG);
          checkOthers(c);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "ring"})
  void shouldReduceToOneOwnersAndPrefixesAlike(String algorithm) {
    run(3, exact("algorithm", algorithm, "flatBytes", "1024"), ExactReductionTest::checkOthers);
  }

  /// Checks the other reductions against the sums of the same contributions.
  private static void checkOthers(Communicator c) {
    DataType type = DataType.FLOAT32;
    byte[] sum = expected(type, ReduceOp.SUM, c.size());
    long bytes = (long) COUNT * 4;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(bytes, 64);
      MemorySegment result = arena.allocate(bytes, 64);
      fill(data, type, c.rank(), c.size());
      int root = c.size() - 1;
      c.reduce(data, result, COUNT, type, ReduceOp.SUM, root);
      if (c.rank() == root) {
        assertThat(result.toArray(ValueLayout.JAVA_BYTE)).as("reduce").isEqualTo(sum);
      }
      c.scan(data, result, COUNT, type, ReduceOp.SUM);
      if (c.rank() == root) {
        assertThat(result.toArray(ValueLayout.JAVA_BYTE)).as("scan").isEqualTo(sum);
      }
      checkExclusiveScan(c, arena, data, result);
      checkReduceScatters(c, data, result, sum);
    }
  }

  private static void checkExclusiveScan(
      Communicator c, Arena arena, MemorySegment data, MemorySegment result) {
    MemorySegment inclusive = arena.allocate(data.byteSize(), 64);
    c.scan(data, inclusive, COUNT, DataType.FLOAT32, ReduceOp.SUM);
    c.exclusiveScan(data, result, COUNT, DataType.FLOAT32, ReduceOp.SUM);
    MemorySegment before = arena.allocate(data.byteSize(), 64);
    int next = c.rank() + 1;
    if (next < c.size()) {
      c.send(inclusive, COUNT, DataType.FLOAT32, next);
    }
    if (c.rank() > 0) {
      c.receive(before, COUNT, DataType.FLOAT32, c.rank() - 1);
      assertThat(result.mismatch(before)).as("exclusive scan").isEqualTo(-1);
    }
  }

  private static void checkReduceScatters(
      Communicator c, MemorySegment data, MemorySegment result, byte[] sum) {
    int block = COUNT / c.size();
    c.reduceScatter(data, result, block, DataType.FLOAT32, ReduceOp.SUM);
    int from = c.rank() * block * 4;
    assertThat(result.asSlice(0, block * 4L).toArray(ValueLayout.JAVA_BYTE))
        .as("reduce-scatter")
        .isEqualTo(Arrays.copyOfRange(sum, from, from + block * 4));

    long[] counts = new long[c.size()];
    Arrays.fill(counts, 7);
    counts[0] = 0;
    counts[c.size() - 1] = 501;
    int first = (int) Arrays.stream(counts, 0, c.rank()).sum();
    int own = (int) counts[c.rank()];
    c.reduceScatterV(data, result, counts, DataType.FLOAT32, ReduceOp.SUM);
    assertThat(result.asSlice(0, own * 4L).toArray(ValueLayout.JAVA_BYTE))
        .as("reduce-scatter-v")
        .isEqualTo(Arrays.copyOfRange(sum, first * 4, (first + own) * 4));
  }

  @Test
  void shouldComposeWhereTheAlgorithmCannotSumAtOnce() {
    run(
        3,
        exact("algorithm", "ring", "flatBytes", "1024"),
        c -> {
          MemorySegment data = c.allocate(1 << 16);
          PreparedOperation sum =
              c.prepareAllReduce(data, data, 1 << 14, DataType.FLOAT32, ReduceOp.SUM);
          sum.run();
          sum.start().await();

          assertThat(sum.algorithm()).endsWith(" + ring");
          assertThat(sum.form()).startsWith("composed of ");
          assertThat(Memory.getInt(data.address())).isZero();
        });
  }

  @Test
  void shouldRefuseProductsOfFloats() {
    run(
        2,
        exact(),
        c -> {
          MemorySegment data = c.allocate(64);
          assertThatThrownBy(() -> c.allReduce(data, data, 4, DataType.FLOAT16, ReduceOp.PROD))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("FLOAT16")
              .hasMessageContaining("canonical");
          c.allReduce(data, data, 4, DataType.INT32, ReduceOp.PROD);
        });
  }
}
