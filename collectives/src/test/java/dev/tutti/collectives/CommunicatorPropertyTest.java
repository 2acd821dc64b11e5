package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every collective, algorithm and number of ranks against the plain definition, on int32 data.
final class CommunicatorPropertyTest {
  private static final int INT = 4;
  private static final List<String> ALGORITHMS =
      List.of(
          "auto",
          "flat",
          "direct",
          "ring",
          "recursive-doubling",
          "halving-doubling",
          "binomial-tree",
          "double-binary-tree");
  private static final long[] COUNTS = {0, 1, 2, 7, 13, 129, 1000, 5001};

  static Stream<String> cases() {
    return ALGORITHMS.stream()
        .flatMap(a -> Stream.of(1, 2, 3, 4, 5, 8).map(n -> a + " over " + n + " ranks"))
        .flatMap(c -> Stream.of(c + " sharing all", c + " sharing allocated"));
  }

  /// Small slots, so that a few thousand elements take many slices, pieces and window slots.
  private static CommunicatorConfig config(String algorithm, String sharing) {
    return CommunicatorConfig.builder()
        .algorithm(algorithm)
        .set("threadSharing", sharing)
        .set("flatBytes", "1024")
        .set("windowSlotBytes", "2048")
        .set("channelSlotBytes", "512")
        .set("channelSlots", "2")
        .build();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldMatchDefinition(String name) {
    String[] words = name.split(" ");
    try (World world = World.threads(Integer.parseInt(words[2]), config(words[0], words[5]))) {
      world.run(c -> {
        for (long count : COUNTS) {
          for (boolean inPlace : new boolean[] {false, true}) {
            allReduce(c, count, inPlace);
            reduceScatter(c, count, inPlace);
            allGather(c, count, inPlace);
            broadcast(c, count, inPlace, (int) (count % c.size()));
            c.barrier();
          }
        }
      });
    }
  }

  /// Element i of rank r.
  private static int value(int rank, long i) {
    return new SplittableRandom(31L * rank + i).nextInt(1000);
  }

  private static int sum(int ranks, long i) {
    int sum = 0;
    for (int r = 0; r < ranks; r++) {
      sum += value(r, i);
    }
    return sum;
  }

  /// Allocates at an odd address with guard bytes around.
  private static MemorySegment buffer(Arena arena, long count) {
    MemorySegment memory = arena.allocate(count * INT + 64, 64);
    memory.fill((byte) 0x5a);
    return memory.asSlice(17, count * INT);
  }

  private static void fill(MemorySegment segment, int rank) {
    for (long i = 0; i < segment.byteSize() / INT; i++) {
      segment.set(JAVA_INT_UNALIGNED, i * INT, value(rank, i));
    }
  }

  @FunctionalInterface
  private interface Expected {
    int at(long i);
  }

  private static void check(String what, MemorySegment actual, Expected expected) {
    for (long i = 0; i < actual.byteSize() / INT; i++) {
      int value = actual.get(JAVA_INT_UNALIGNED, i * INT);
      if (value != expected.at(i)) {
        assertThat(value).as("%s element %d", what, i).isEqualTo(expected.at(i));
      }
    }
  }

  private static void allReduce(Communicator c, long count, boolean inPlace) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment send = buffer(arena, count);
      MemorySegment receive = inPlace ? send : buffer(arena, count);
      fill(send, c.rank());

      c.allReduce(send, receive, count, DataType.INT32, ReduceOp.SUM);

      check("all-reduce of " + count, receive, i -> sum(c.size(), i));
    }
  }

  private static void reduceScatter(Communicator c, long count, boolean inPlace) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment send = buffer(arena, count * c.size());
      long own = c.rank() * count;
      MemorySegment receive = inPlace ? send.asSlice(own * INT, count * INT) : buffer(arena, count);
      fill(send, c.rank());

      c.reduceScatter(send, receive, count, DataType.INT32, ReduceOp.SUM);

      check("reduce-scatter of " + count, receive, i -> sum(c.size(), own + i));
    }
  }

  private static void allGather(Communicator c, long count, boolean inPlace) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment receive = buffer(arena, count * c.size());
      MemorySegment send =
          inPlace ? receive.asSlice(c.rank() * count * INT, count * INT) : buffer(arena, count);
      fill(send, c.rank());

      c.allGather(send, receive, count, DataType.INT32);

      check("all-gather of " + count, receive, i -> value((int) (i / count), i % count));
    }
  }

  private static void broadcast(Communicator c, long count, boolean inPlace, int root) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment send = buffer(arena, count);
      MemorySegment receive = inPlace ? send : buffer(arena, count);
      fill(send, c.rank());

      c.broadcast(send, receive, count, DataType.INT32, root);

      check("broadcast of " + count, receive, i -> value(root, i));
    }
  }
}
