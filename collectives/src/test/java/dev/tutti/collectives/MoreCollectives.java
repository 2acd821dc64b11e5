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
  private static final long[] COUNTS = {0, 1, 700, 30_003};
  private static final long FOREIGN_COUNT = 270_001; // above one MiB, where few trials suffice
  private static final DataType TYPE = DataType.INT32;

  private MoreCollectives() {}

  static void run(Communicator c) {
    if (c.transport().equals("shm")) {
      foreignBuffers(c);
    }
    for (long count : COUNTS) {
      for (boolean registered : List.of(true, false)) {
        try (Arena arena = Arena.ofConfined()) {
          long bytes = 4 * count * c.size();
          MemorySegment a = registered ? c.allocate(bytes) : arena.allocate(bytes, 8);
          MemorySegment b = registered ? c.allocate(bytes) : arena.allocate(bytes, 8);
          blocks(c, a, b, count, (int) (count % c.size()));
          uneven(c, a, b, count);
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

  /// Repeats until both ways of reading foreign buffers have been tried and one has been chosen.
  private static void foreignBuffers(Communicator c) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocate(4 * FOREIGN_COUNT * c.size(), 8);
      MemorySegment b = arena.allocate(4 * FOREIGN_COUNT * c.size(), 8);
      fill(a, c.rank(), 0);
      for (int i = 0; i < 20; i++) {
        b.fill((byte) 0);
        c.allToAll(a, b, FOREIGN_COUNT, TYPE);
        for (int r = 0; r < c.size(); r++) {
          int from = r;
          long first = c.rank() * FOREIGN_COUNT;
          for (long at = 0; at < FOREIGN_COUNT; at += 10_000) {
            long start = Math.min(at, FOREIGN_COUNT - 10);
            check(
                "foreign all-to-all",
                slice(b, r * FOREIGN_COUNT + start, 10),
                e -> value(from, first + start + e));
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
