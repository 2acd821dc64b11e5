package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every collective that reduces, with an operator that is not commutative, by every algorithm.
@Timeout(60)
final class RankOrderPropertyTest {
  private static final long[] COUNTS = {6, 1003};

  /// Small slots, so that a few thousand elements take many slices, pieces and window slots.
  private static CommunicatorConfig.Builder config(String algorithm) {
    return CommunicatorConfig.builder()
        .algorithm(algorithm)
        .set("flatBytes", "1024")
        .set("windowSlotBytes", "2048")
        .set("channelSlotBytes", "512")
        .set("channelSlots", "2");
  }

  /// Lowered forms by auto and interpreted ones by recursive-doubling for all sizes; the others.
  static Stream<String> cases() {
    Stream<String> all =
        Stream.of("auto", "recursive-doubling")
            .flatMap(a -> IntStream.rangeClosed(2, 9).mapToObj(n -> a + " " + n));
    return Stream.concat(
        all, Stream.of("flat 6", "direct 5", "halving-doubling 7", "binomial-tree 6"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldCombineInRankOrder(String name) {
    String[] words = name.split(" ");
    String sharing = words[1].equals("2") || words[1].equals("5") ? "allocated" : "all";
    CommunicatorConfig config = config(words[0]).set("threadSharing", sharing).build();
    try (World world = World.threads(Integer.parseInt(words[1]), config)) {
      world.run(c -> assertThat(everything(c)).isEmpty());
    }
  }

  /// Between the ranks is a network, which interprets all schedules.
  @ParameterizedTest
  @CsvSource({"3, auto", "5, halving-doubling", "6, binomial-tree"})
  void shouldCombineInRankOrderOverTcp(int ranks, String algorithm) {
    JoinedWorld.run(
        "abcdef".substring(0, ranks),
        List.of("algorithm", algorithm),
        c -> {
          assertThat(c.transport()).isEqualTo("tcp");
          assertThat(everything(c)).isEmpty();
        });
  }

  /// Those that combine in another order are refused. A chain round to the first or the last rank
  /// is in order: root 0 has the left operand of all others.
  @ParameterizedTest
  @CsvSource({
    "ring, 4, '[all-reduce, reduce to 1, reduce-scatter, reduce-scatter-v]'",
    "ring, 2, '[]'",
    "two-rings, 3, '[all-reduce, reduce-scatter, reduce-scatter-v]'"
  })
  void shouldRefuseAlgorithmsThatCombineInAnotherOrder(
      String algorithm, int ranks, String refused) {
    try (World world = World.threads(ranks, config(algorithm).build())) {
      world.run(c -> assertThat(everything(c)).hasToString(refused));
    }
  }

  /// Runs everything in several sizes; returns what no algorithm was there for.
  private static Set<String> everything(Communicator c) {
    Set<String> refused = new TreeSet<>();
    for (long count : COUNTS) {
      for (boolean registered : new boolean[] {true, false}) {
        long bytes = 8 * count;
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment send =
              registered ? c.allocate(bytes * c.size()) : arena.allocate(bytes * c.size() + 4, 8);
          MemorySegment receive = registered ? c.allocate(bytes) : arena.allocate(bytes, 8);
          // What is not registered is not aligned to its elements either.
          new Run(c, registered ? send : send.asSlice(4), receive, count, refused).all();
          if (registered) {
            c.barrier();
            c.free(send);
            c.free(receive);
          }
        }
      }
    }
    return refused;
  }

  private record Run(
      Communicator c, MemorySegment send, MemorySegment receive, long count, Set<String> refused) {
    void all() {
      DataType type = DataType.INT64;
      Reduction op = AffineMaps.COMPOSE;
      MemorySegment one = send.asSlice(0, 8 * count);
      int n = c.size();
      int rank = c.rank();
      attempt("all-reduce", n, 0, count, () -> c.allReduce(one, receive, count, type, op));
      attempt(
          "all-reduce",
          n,
          0,
          count,
          () -> {
            receive.asSlice(0, 8 * count).copyFrom(one);
            c.allReduceAsync(receive, receive, count, type, op).await();
          });
      for (int root : new int[] {0, 1, n - 1}) {
        int ranks = rank == root ? n : 0;
        attempt(
            "reduce to " + root,
            ranks,
            0,
            count,
            () -> c.reduce(one, receive, count, type, op, root));
      }
      attempt(
          "reduce-scatter",
          n,
          rank * count,
          count,
          () -> c.reduceScatter(send, receive, count, type, op));
      long[] counts = new long[n];
      Arrays.fill(counts, count);
      counts[0] = count / 2;
      long start = rank == 0 ? 0 : count / 2 + (rank - 1) * count;
      attempt(
          "reduce-scatter-v",
          n,
          start,
          counts[rank],
          () -> c.reduceScatterV(send, receive, counts, type, op));
      attempt("scan", rank + 1, 0, count, () -> c.scan(one, receive, count, type, op));
      attempt(
          "exclusive-scan", rank, 0, count, () -> c.exclusiveScan(one, receive, count, type, op));
    }

    /// Runs something and checks that `receive` then holds what the first `ranks` ranks have from
    /// an index on; nothing for no ranks.
    private void attempt(String what, int ranks, long from, long elements, Runnable action) {
      AffineMaps.fill(send, c.rank());
      try {
        action.run();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining(" that combines in rank order is known for ");
        refused.add(what);
        return;
      }
      if (ranks > 0) {
        String call = what + " of " + count + " over " + c.size();
        AffineMaps.check(call, receive.asSlice(0, 8 * elements), ranks, from);
      }
    }
  }
}
