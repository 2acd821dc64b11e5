package dev.tutti.collectives;

import static dev.tutti.collectives.IntBuffers.check;
import static dev.tutti.collectives.IntBuffers.fill;
import static dev.tutti.collectives.IntBuffers.slice;
import static dev.tutti.collectives.IntBuffers.sum;
import static dev.tutti.collectives.IntBuffers.value;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/// What a rank of [CommunicatorProcessIT] does with the collectives that are not in [ProcessRank]:
/// small and large, in registered and in private memory.
final class MoreCollectives {
  private static final long[] COUNTS = {0, 1, 700, 60_003};
  private static final DataType TYPE = DataType.INT32;

  private MoreCollectives() {}

  static void run(Communicator c) {
    for (long count : COUNTS) {
      for (boolean registered : List.of(true, false)) {
        try (Arena arena = Arena.ofConfined()) {
          long bytes = 4 * count * c.size();
          MemorySegment a = registered ? c.allocate(bytes) : arena.allocate(bytes, 8);
          MemorySegment b = registered ? c.allocate(bytes) : arena.allocate(bytes, 8);
          for (int i = 0;
              i < (count > 1000 ? 12 : 2);
              i++) { // tries both ways to read foreign ones
            blocks(c, a, b, count, i % c.size());
            uneven(c, a, b, count);
          }
          reductions(c, a, b, count);
          group(c, a, b, count);
          if (registered) {
            c.barrier();
            c.free(a);
            c.free(b);
          }
        }
      }
    }
  }

  private static void blocks(
      Communicator c, MemorySegment a, MemorySegment b, long count, int root) {
    int rank = c.rank();
    fill(a, rank, 0);
    c.allToAll(a, b, count, TYPE);
    check("all-to-all", b, i -> value((int) (i / count), rank * count + i % count));
    c.gather(slice(a, 0, count), b, count, TYPE, root);
    if (rank == root) {
      check("gather", b, i -> value((int) (i / count), i % count));
    }
    c.scatter(a, slice(b, 0, count), count, TYPE, root);
    check("scatter", slice(b, 0, count), i -> value(root, rank * count + i));
  }

  /// Rank s sends rank d `(s + d) mod size` parts of what `count` elements give for each.
  private static void uneven(Communicator c, MemorySegment a, MemorySegment b, long count) {
    int n = c.size();
    int rank = c.rank();
    long[] counts = IntStream.range(0, n).mapToLong(r -> (rank + r) % n * count / n).toArray();
    long[] starts = IntStream.range(0, n).mapToLong(r -> r * count).toArray();
    for (int r = 0; r < n; r++) {
      fill(slice(a, r * count, count), rank, 1000L * r);
    }
    c.allToAllV(a, counts, starts, b, counts, starts, TYPE);
    for (int r = 0; r < n; r++) {
      int from = r;
      check("all-to-all-v", slice(b, starts[r], counts[r]), i -> value(from, 1000L * rank + i));
    }
    long[] shares = IntStream.range(0, n).mapToLong(r -> r * count / n).toArray();
    c.allGatherV(slice(a, 0, count), b, shares, starts, TYPE);
    for (int r = 0; r < n; r++) {
      int from = r;
      check("all-gather-v", slice(b, starts[r], shares[r]), i -> value(from, i));
    }
  }

  private static void reductions(Communicator c, MemorySegment a, MemorySegment b, long count) {
    fill(a, c.rank(), 0);
    MemorySegment in = slice(a, 0, count);
    MemorySegment out = slice(b, 0, count);
    c.reduce(in, out, count, TYPE, ReduceOp.SUM, c.size() - 1);
    if (c.rank() == c.size() - 1) {
      check("reduce", out, i -> sum(c.size(), i));
    }
    c.scan(in, out, count, TYPE, ReduceOp.SUM);
    check("scan", out, i -> sum(c.rank() + 1, i));
    c.exclusiveScan(in, out, count, TYPE, ReduceOp.SUM);
    if (c.rank() > 0) {
      check("exclusive-scan", out, i -> sum(c.rank(), i));
    }
  }

  private static void group(Communicator c, MemorySegment a, MemorySegment b, long count) {
    MessageGroup group = c.group();
    for (int peer = c.size() - 1; peer >= 0; peer--) {
      group.receive(slice(b, peer * count, count), count, TYPE, peer);
    }
    for (int peer = 0; peer < c.size(); peer++) {
      group.send(slice(a, 0, count), count, TYPE, peer);
    }
    fill(a, c.rank(), 0);
    group.run();
    check("group", b, i -> value((int) (i / count), i % count));
  }
}
