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
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The collectives on blocks of different lengths against the plain definition, on int32 data, in
/// place and not, with gaps between the blocks and in reverse order.
final class UnevenPropertyTest {
  private static final long GAP = 3;

  static Stream<String> cases() {
    return Stream.of("auto", "ring", "pairwise", "bruck")
        .flatMap(a -> Stream.of(1, 2, 5).map(n -> a + " over " + n + " ranks"))
        .flatMap(c ->
            c.startsWith("auto")
                ? Stream.of(c + " sharing all", c + " sharing allocated")
                : Stream.of(c + " sharing all"));
  }

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

  /// The lengths of blocks, from none at all to much more than a slot holds.
  private static final List<long[]> COUNTS =
      List.of(
          new long[8],
          new long[] {1, 1, 1, 1, 1, 1, 1, 1},
          new long[] {5, 0, 900, 1, 0, 64, 3, 17},
          new long[] {4001, 3001, 0, 2, 128, 0, 0, 500});

  @ParameterizedTest
  @MethodSource("cases")
  void shouldMatchDefinition(String name) {
    String[] words = name.split(" ");
    try (World world = World.threads(Integer.parseInt(words[2]), config(words[0], words[5]))) {
      world.run(c -> {
        for (long[] all : COUNTS) {
          long[] counts = Arrays.copyOf(all, c.size());
          for (boolean inPlace : new boolean[] {false, true}) {
            try (Arena arena = Arena.ofConfined()) {
              allGather(c, arena, counts, inPlace);
              reduceScatter(c, arena, counts, inPlace);
              gather(c, arena, counts, inPlace, c.size() - 1);
              scatter(c, arena, counts, inPlace, c.size() / 2);
              allToAll(c, arena, counts, inPlace);
            }
          }
        }
      });
    }
  }

  /// Lays blocks out from the last to the first, with gaps between them.
  private static long[] reversed(long[] counts) {
    long[] displacements = new long[counts.length];
    long next = GAP;
    for (int r = counts.length - 1; r >= 0; r--) {
      displacements[r] = next;
      next += counts[r] + GAP;
    }
    return displacements;
  }

  private static long extent(long[] counts) {
    return Arrays.stream(counts).sum() + (counts.length + 1) * GAP;
  }

  private static void checkGaps(MemorySegment buffer, long[] counts, long[] displacements) {
    for (int r = 0; r < counts.length; r++) {
      checkUntouched("gap before " + r, slice(buffer, displacements[r] - GAP, GAP));
    }
  }

  private static void allGather(Communicator c, Arena arena, long[] counts, boolean inPlace) {
    long[] displacements = reversed(counts);
    MemorySegment receive = buffer(arena, extent(counts));
    long own = counts[c.rank()];
    MemorySegment send =
        inPlace ? slice(receive, displacements[c.rank()], own) : buffer(arena, own);
    fill(send, c.rank(), 0);

    c.allGatherV(send, receive, counts, displacements, DataType.INT32);

    for (int r = 0; r < c.size(); r++) {
      int of = r;
      check("all-gather-v", slice(receive, displacements[r], counts[r]), i -> value(of, i));
    }
    checkGaps(receive, counts, displacements);
  }

  private static void reduceScatter(Communicator c, Arena arena, long[] counts, boolean inPlace) {
    MemorySegment send = buffer(arena, Arrays.stream(counts).sum());
    long own = counts[c.rank()];
    long start = Arrays.stream(counts, 0, c.rank()).sum();
    MemorySegment receive = inPlace ? slice(send, start, own) : buffer(arena, own);
    fill(send, c.rank(), 0);

    c.reduceScatterV(send, receive, counts, DataType.INT32, ReduceOp.SUM);

    check("reduce-scatter-v", receive, i -> sum(c.size(), start + i));
  }

  private static void gather(
      Communicator c, Arena arena, long[] counts, boolean inPlace, int root) {
    boolean isRoot = c.rank() == root;
    long own = counts[c.rank()];
    long[] displacements = isRoot ? reversed(counts) : new long[0];
    MemorySegment receive = isRoot ? buffer(arena, extent(counts)) : MemorySegment.NULL;
    MemorySegment send =
        isRoot && inPlace ? slice(receive, displacements[root], own) : buffer(arena, own);
    fill(send, c.rank(), 0);

    c.gatherV(
        send, own, receive, isRoot ? counts : new long[0], displacements, DataType.INT32, root);

    for (int r = 0; r < displacements.length; r++) {
      int of = r;
      check("gather-v", slice(receive, displacements[r], counts[r]), i -> value(of, i));
    }
    if (isRoot) {
      checkGaps(receive, counts, displacements);
    }
  }

  private static void scatter(
      Communicator c, Arena arena, long[] counts, boolean inPlace, int root) {
    boolean isRoot = c.rank() == root;
    long own = counts[c.rank()];
    long[] displacements = reversed(counts);
    MemorySegment send = isRoot ? buffer(arena, extent(counts)) : MemorySegment.NULL;
    MemorySegment receive =
        isRoot && inPlace ? slice(send, displacements[root], own) : buffer(arena, own);
    fill(send, root, 0);

    c.scatterV(
        send,
        isRoot ? counts : new long[0],
        isRoot ? displacements : new long[0],
        receive,
        own,
        DataType.INT32,
        root);

    check("scatter-v", receive, i -> value(root, displacements[c.rank()] + i));
  }

  /// Rank s sends `counts[(s + d) % size]` elements to rank d, or, in place, as many as it gets.
  private static void allToAll(Communicator c, Arena arena, long[] counts, boolean inPlace) {
    int n = c.size();
    long[] sends =
        IntStream.range(0, n).mapToLong(d -> count(counts, c.rank(), d, inPlace)).toArray();
    long[] receives =
        IntStream.range(0, n).mapToLong(s -> count(counts, s, c.rank(), inPlace)).toArray();
    long[] to = reversed(sends);
    long[] from = reversed(receives);
    MemorySegment send = buffer(arena, extent(sends));
    MemorySegment receive = inPlace ? send : buffer(arena, extent(receives));
    for (int d = 0; d < n; d++) {
      fill(slice(send, to[d], sends[d]), c.rank(), 1000L * d);
    }

    c.allToAllV(send, sends, to, receive, receives, from, DataType.INT32);

    for (int s = 0; s < n; s++) {
      int of = s;
      check(
          "all-to-all-v",
          slice(receive, from[s], receives[s]),
          i -> value(of, 1000L * c.rank() + i));
    }
    checkGaps(receive, receives, from);
  }

  private static long count(long[] counts, int from, int to, boolean symmetric) {
    int n = counts.length;
    return counts[(symmetric ? from + to : from + 2 * to) % n];
  }
}
