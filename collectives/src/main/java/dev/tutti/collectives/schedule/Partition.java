package dev.tutti.collectives.schedule;

import java.util.Arrays;

/// Maps each chunk to its range of elements of a vector of any length, evenly or by weight.
///
/// Chunk c of a vector of n elements starts at `floor(n * W(c) / W)` where W(c) is the sum of the
/// weights of the chunks before c and W the sum of all. Example, 4 even chunks of 10 elements:
/// starts 0, 2, 5, 7 and lengths 2, 3, 2, 3. Chunks may be empty.
public final class Partition {
  private final int chunks;
  private final long[] cumulative; // of the weights; empty if all are 1, as an all-to-all has many

  private Partition(int chunks, long[] cumulative) {
    this.chunks = chunks;
    this.cumulative = cumulative;
  }

  /// Returns a partition into `chunks` chunks of equal weight.
  ///
  /// @throws IllegalArgumentException if `chunks` is not positive
  public static Partition even(int chunks) {
    if (chunks < 1) {
      throw new IllegalArgumentException("a partition needs at least one chunk");
    }
    return new Partition(chunks, new long[0]);
  }

  /// Returns a partition whose chunk c gets `weights[c]` parts of the vector.
  ///
  /// @throws IllegalArgumentException if there is no weight, one is negative, or the sum is not in
  ///   1...2^31 - 1
  public static Partition weighted(long... weights) {
    if (weights.length == 0) {
      throw new IllegalArgumentException("a partition needs at least one chunk");
    }
    long[] cumulative = new long[weights.length + 1];
    boolean even = true;
    for (int c = 0; c < weights.length; c++) {
      if (weights[c] < 0 || weights[c] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("weight of chunk " + c + " is " + weights[c]);
      }
      cumulative[c + 1] = cumulative[c] + weights[c];
      even &= weights[c] == weights[0];
    }
    long total = cumulative[weights.length];
    if (total < 1 || total > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("weights add up to " + total + ", expected 1...2^31 - 1");
    }
    return even ? even(weights.length) : new Partition(weights.length, cumulative);
  }

  /// Returns the number of chunks.
  public int chunks() {
    return chunks;
  }

  /// Returns the weight of a chunk.
  public long weight(int chunk) {
    return cumulative(chunk + 1) - cumulative(chunk);
  }

  private long cumulative(int chunk) {
    return cumulative.length == 0 ? chunk : cumulative[chunk];
  }

  /// Returns whether all chunks have the same weight.
  public boolean isEven() {
    return cumulative.length == 0;
  }

  /// Returns the index of the first element of a chunk, or `elements` for `chunk == chunks()`.
  public long start(int chunk, long elements) {
    return start(0, chunks, chunk, elements);
  }

  /// Returns where chunk `chunk` begins in a block of `elements` elements that is made of chunks
  /// `first` to `end - 1`, in elements from the beginning of the block; `elements` for `chunk ==
  /// end`.
  ///
  /// In a vector of equal blocks this is where [#start] puts it. Example, even(4) as two blocks, of
  /// 5 and of 2 elements: chunks 2 and 3 begin at 0 and 1 of the second block.
  public long start(int first, int end, int chunk, long elements) {
    long total = cumulative(end) - cumulative(first);
    if (total == 0) {
      return chunk == end ? elements : 0;
    }
    long before = cumulative(chunk) - cumulative(first);
    long whole = elements / total;
    long rest = elements % total; // split so that the product cannot overflow: rest, W < 2^31
    return whole * before + rest * before / total;
  }

  /// Returns the number of elements of a chunk.
  public long length(int chunk, long elements) {
    return start(chunk + 1, elements) - start(chunk, elements);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Partition that
        && chunks == that.chunks
        && Arrays.equals(cumulative, that.cumulative);
  }

  @Override
  public int hashCode() {
    return 31 * chunks + Arrays.hashCode(cumulative);
  }

  @Override
  public String toString() {
    if (isEven()) {
      return "even(" + chunks() + ")";
    }
    StringBuilder text = new StringBuilder("weighted(");
    for (int c = 0; c < chunks(); c++) {
      text.append(c == 0 ? "" : ",").append(weight(c));
    }
    return text.append(')').toString();
  }
}
