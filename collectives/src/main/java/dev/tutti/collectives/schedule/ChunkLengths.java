package dev.tutti.collectives.schedule;

/// Tells which chunks of a partition have the same length whatever the element count.
///
/// Equal weights do not suffice: `even(4)` cuts 10 elements into 2, 3, 2, 3. Chunk c of n elements
/// starts at `floor(n * W(c) / W)`, and n is a multiple of m, the number of blocks
/// ([Collective#blocks]). Chunks a and b of equal weight therefore have the same length for every n
/// if `m * (W(a) - W(b))` is a multiple of W, because then their starts differ by the same integer
/// as their ends. Chunks of weight 0 are always empty.
///
/// Example: all-gather on 2 ranks with even(4): chunks 0 and 2 are equal, and so are 1 and 3.
final class ChunkLengths {
  private final Partition partition;
  private final int chunks;
  private final long total;
  private final long multiple;

  ChunkLengths(ScheduleSet set) {
    partition = set.partition();
    chunks = partition.chunks();
    long sum = 0;
    for (int c = 0; c < chunks; c++) {
      sum += partition.weight(c);
    }
    total = sum;
    multiple = set.collective().blocks(set.ranks());
  }

  boolean equal(Operand a, Operand b) {
    return equal(a.index() % chunks, b.index() % chunks);
  }

  boolean equal(int a, int b) {
    if (a == b) {
      return true;
    }
    long weight = partition.weight(a);
    // start(c, total) is W(c); the product is below 2^31 * 2^31
    return weight == partition.weight(b)
        && (weight == 0
            || multiple * (partition.start(a, total) - partition.start(b, total)) % total == 0);
  }

  boolean isEmpty(int chunk) {
    return partition.weight(chunk) == 0;
  }

  /// Returns whether the chunks make up as many equal blocks, of as many chunks each, as the
  /// collective has.
  boolean hasEqualBlocks() {
    if (chunks % multiple != 0) {
      return false;
    }
    int block = (int) (chunks / multiple);
    for (int b = 0; b < multiple; b++) {
      if (partition.start(b * block, total) * multiple != b * total) {
        return false;
      }
    }
    return true;
  }
}
