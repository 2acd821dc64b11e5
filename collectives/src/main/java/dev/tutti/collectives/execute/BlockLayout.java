package dev.tutti.collectives.execute;

import java.util.Arrays;

/// Where the blocks of a rank's two buffers lie if they are not of one length: the counts and the
/// displacements of an operation whose name ends in v, in elements. Immutable.
///
/// A side has as many blocks as the rank's buffer: one per rank, one, or none where the rank does
/// not have the buffer.
public final class BlockLayout {
  private final Side send;
  private final Side receive;
  private final long digest;

  /// The blocks of one buffer.
  ///
  /// @param counts length of each block
  /// @param displacements where each begins, from the beginning of the buffer
  public record Side(long[] counts, long[] displacements) {
    /// A buffer that the rank does not have.
    public static final Side NONE = new Side(new long[0], new long[0]);

    /// Returns the layout of one block at the beginning of a buffer.
    public static Side of(long count) {
      return new Side(new long[] {count}, new long[1]);
    }

    /// Returns the layout of blocks one after the other.
    public static Side packed(long[] counts) {
      long[] displacements = new long[counts.length];
      for (int b = 1; b < counts.length; b++) {
        displacements[b] = displacements[b - 1] + counts[b - 1];
      }
      return new Side(counts, displacements);
    }

    /// Returns the number of elements from the beginning of the buffer to the end of the last block
    /// that is not empty.
    public long extent() {
      long end = 0;
      for (int b = 0; b < counts.length; b++) {
        end = counts[b] == 0 ? end : Math.max(end, displacements[b] + counts[b]);
      }
      return end;
    }

    /// Returns the number of elements of all blocks.
    public long total() {
      return Arrays.stream(counts).sum();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Side that
          && Arrays.equals(counts, that.counts)
          && Arrays.equals(displacements, that.displacements);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(counts) + Arrays.hashCode(displacements);
    }
  }

  /// Makes a layout.
  ///
  /// @param digest a hash of what all ranks know of it, the same on all; 0 if they know nothing, so
  ///   that the lengths must travel with the data
  public BlockLayout(Side send, Side receive, long digest) {
    this.send = send;
    this.receive = receive;
    this.digest = digest;
  }

  /// Returns the blocks of the send buffer.
  public Side send() {
    return send;
  }

  /// Returns the blocks of the receive buffer.
  public Side receive() {
    return receive;
  }

  /// Returns a hash of what all ranks know of the layout, 0 if that is nothing.
  public long digest() {
    return digest;
  }

  /// Returns whether sender and receiver of a block each have a length for it that the other has
  /// not seen.
  boolean needsAnnouncements() {
    return digest == 0;
  }
}
