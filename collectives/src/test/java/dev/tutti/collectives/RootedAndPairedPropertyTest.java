package dev.tutti.collectives;

import static dev.tutti.collectives.IntBuffers.buffer;
import static dev.tutti.collectives.IntBuffers.check;
import static dev.tutti.collectives.IntBuffers.checkUntouched;
import static dev.tutti.collectives.IntBuffers.fill;
import static dev.tutti.collectives.IntBuffers.slice;
import static dev.tutti.collectives.IntBuffers.sum;
import static dev.tutti.collectives.IntBuffers.value;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reduce, gather, scatter, all-to-all and the scans by every algorithm against the plain
/// definition, on int32 data, in place and not.
final class RootedAndPairedPropertyTest {
  private static final List<String> ALGORITHMS =
      List.of("auto", "flat", "ring", "recursive-doubling", "binomial-tree", "pairwise", "bruck");
  private static final long[] COUNTS = {0, 1, 7, 129, 3001};

  static Stream<String> cases() {
    return ALGORITHMS.stream()
        .flatMap(a -> Stream.of(1, 2, 5).map(n -> a + " over " + n + " ranks"))
        .flatMap(c ->
            c.startsWith("auto")
                ? Stream.of(c + " sharing all", c + " sharing allocated")
                : Stream.of(c + " sharing all"));
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
            int root = (int) (count % c.size());
            try (Arena arena = Arena.ofConfined()) {
              reduce(c, arena, count, inPlace, root);
              gather(c, arena, count, inPlace, root);
              scatter(c, arena, count, inPlace, root);
              allToAll(c, arena, count, inPlace);
              scan(c, arena, count, inPlace);
              exclusiveScan(c, arena, count, inPlace);
            }
          }
        }
      });
    }
  }

  /// Even ranks send from memory that all can see, and rank 0 and the last receive there.
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 6})
  void shouldMixRegisteredAndOrdinaryBuffers(int ranks) {
    long count = 5_003;
    try (World world = World.threads(ranks, config("auto", "allocated"))) {
      world.run(c -> {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment ordinary = buffer(arena, count);
          MemorySegment registered = c.allocate(4 * count);
          MemorySegment send = c.rank() % 2 == 0 ? registered : ordinary;
          boolean isEnd = c.rank() == 0 || c.rank() == c.size() - 1;
          MemorySegment receive = isEnd ? registered : ordinary; // rank 0 is in place
          for (int root = 0; root < c.size(); root++) {
            fill(send, c.rank(), 0);
            c.reduce(send, receive, count, DataType.INT32, ReduceOp.SUM, root);
            if (c.rank() == root) {
              check("reduce", receive, i -> sum(c.size(), i));
            }
          }
          fill(send, c.rank(), 0);
          c.scan(send, receive, count, DataType.INT32, ReduceOp.SUM);
          check("scan", receive, i -> sum(c.rank() + 1, i));
          fill(send, c.rank(), 0);
          c.exclusiveScan(send, receive, count, DataType.INT32, ReduceOp.SUM);
          if (c.rank() > 0) {
            check("exclusive scan", receive, i -> sum(c.rank(), i));
          }
        }
      });
    }
  }

  private static void reduce(Communicator c, Arena arena, long count, boolean inPlace, int root) {
    MemorySegment send = buffer(arena, count);
    MemorySegment receive = inPlace ? send : buffer(arena, count);
    fill(send, c.rank(), 0);

    c.reduce(send, receive, count, DataType.INT32, ReduceOp.SUM, root);

    if (c.rank() == root) {
      check("reduce of " + count, receive, i -> sum(c.size(), i));
    } else if (inPlace) {
      check("input of reduce", send, i -> value(c.rank(), i));
    } else {
      checkUntouched("reduce elsewhere than at the root", receive);
    }
  }

  private static void gather(Communicator c, Arena arena, long count, boolean inPlace, int root) {
    boolean isRoot = c.rank() == root;
    MemorySegment receive = isRoot ? buffer(arena, count * c.size()) : MemorySegment.NULL;
    MemorySegment send =
        inPlace && isRoot ? slice(receive, root * count, count) : buffer(arena, count);
    fill(send, c.rank(), 0);

    c.gather(send, receive, count, DataType.INT32, root);

    check("gather of " + count, receive, i -> value((int) (i / count), i % count));
  }

  private static void scatter(Communicator c, Arena arena, long count, boolean inPlace, int root) {
    boolean isRoot = c.rank() == root;
    MemorySegment send = isRoot ? buffer(arena, count * c.size()) : MemorySegment.NULL;
    MemorySegment receive =
        inPlace && isRoot ? slice(send, root * count, count) : buffer(arena, count);
    fill(send, root, 0);

    c.scatter(send, receive, count, DataType.INT32, root);

    check("scatter of " + count, receive, i -> value(root, c.rank() * count + i));
  }

  private static void allToAll(Communicator c, Arena arena, long count, boolean inPlace) {
    MemorySegment send = buffer(arena, count * c.size());
    MemorySegment receive = inPlace ? send : buffer(arena, count * c.size());
    fill(send, c.rank(), 0);

    c.allToAll(send, receive, count, DataType.INT32);

    check(
        "all-to-all of " + count,
        receive,
        i -> value((int) (i / count), c.rank() * count + i % count));
  }

  private static void scan(Communicator c, Arena arena, long count, boolean inPlace) {
    MemorySegment send = buffer(arena, count);
    MemorySegment receive = inPlace ? send : buffer(arena, count);
    fill(send, c.rank(), 0);

    c.scan(send, receive, count, DataType.INT32, ReduceOp.SUM);

    check("scan of " + count, receive, i -> sum(c.rank() + 1, i));
  }

  private static void exclusiveScan(Communicator c, Arena arena, long count, boolean inPlace) {
    MemorySegment send = buffer(arena, count);
    MemorySegment receive = inPlace ? send : buffer(arena, count);
    fill(send, c.rank(), 0);

    c.exclusiveScan(send, receive, count, DataType.INT32, ReduceOp.SUM);

    if (c.rank() > 0) {
      check("exclusive scan of " + count, receive, i -> sum(c.rank(), i));
    } else if (inPlace) {
      check("exclusive scan on rank 0", receive, i -> value(0, i));
    } else {
      checkUntouched("exclusive scan on rank 0", receive);
    }
  }
}
