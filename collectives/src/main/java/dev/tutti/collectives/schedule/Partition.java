package dev.tutti.collectives.schedule;

import java.util.Arrays;

/// Maps each chunk to its range of elements of a vector of any length, evenly or by weight.
///
/// Chunk c of a vector of n elements starts at `floor(n * W(c) / W)` where W(c) is the sum of the
/// weights of the chunks before c and W the sum of all. Example, 4 even chunks of 10 elements:
/// starts 0, 2, 5, 7 and lengths 2, 3, 2, 3. Chunks may be empty.
public final class Partition {
  private final long[] cumulative;

  private Partition(long[] cumulative) {
    this.cumulative = cumulative;
  }

  /// Returns a partition into `chunks` chunks of equal weight.
  ///
  /// @throws IllegalArgumentException if `chunks` is not positive
  public static Partition even(int chunks) {
    long[] weights = new long[Math.max(chunks, 0)];
    Arrays.fill(weights, 1);
    return weighted(weights);
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
    for (int c = 0; c < weights.length; c++) {
      if (weights[c] < 0 || weights[c] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("weight of chunk " + c + " is " + weights[c]);
      }
      cumulative[c + 1] = cumulative[c] + weights[c];
    }
    long total = cumulative[weights.length];
    if (total < 1 || total > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("weights add up to " + total + ", expected 1...2^31 - 1");
    }
    return new Partition(cumulative);
  }

  /// Returns the number of chunks.
  public int chunks() {
    return cumulative.length - 1;
  }

  /// Returns the weight of a chunk.
  public long weight(int chunk) {
    return cumulative[chunk + 1] - cumulative[chunk];
  }

  /// Returns whether all chunks have the same weight.
  public boolean isEven() {
    for (int c = 1; c < chunks(); c++) {
      if (weight(c) != weight(0)) {
        return false;
      }
    }
    return true;
  }

  /// Returns the index of the first element of a chunk, or `elements` for `chunk == chunks()`.
  public long start(int chunk, long elements) {
    long total = cumulative[cumulative.length - 1];
    long whole = elements / total;
    long rest = elements % total; // split so that the product cannot overflow: rest, W < 2^31
    return whole * cumulative[chunk] + rest * cumulative[chunk] / total;
  }

  /// Returns the number of elements of a chunk.
  public long length(int chunk, long elements) {
    return start(chunk + 1, elements) - start(chunk, elements);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Partition that && Arrays.equals(cumulative, that.cumulative);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(cumulative);
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
