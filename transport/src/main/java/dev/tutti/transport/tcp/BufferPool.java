package dev.tutti.transport.tcp;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import java.util.Arrays;

/// Buffers of one size, given out last in first out so that the warm ones are used again.
///
/// Grows by blocks of huge pages and never shrinks before [#close]. Used by one thread at a time.
public final class BufferPool implements AutoCloseable {
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private final int bufferBytes;
  private final long blockBytes;
  private long[] free = new long[16];
  private int freeCount;
  private long[] blocks = new long[4];
  private int blockCount;

  /// Makes an empty pool; it grows on demand.
  public BufferPool(int bufferBytes) {
    this.bufferBytes = (bufferBytes + 4095) & -4096;
    this.blockBytes = Math.max(HUGE_PAGE_BYTES, this.bufferBytes);
  }

  /// Returns how large a buffer is.
  int bufferBytes() {
    return bufferBytes;
  }

  /// Returns the address of a buffer, contents undefined.
  public long take() {
    if (freeCount == 0) {
      grow();
    }
    return free[--freeCount];
  }

  /// Gives a buffer back.
  public void give(long address) {
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount++] = address;
  }

  /// Returns how much memory has been mapped.
  long mappedBytes() {
    return blockCount * blockBytes;
  }

  /// Returns how many buffers are there to be taken without mapping more.
  int freeBuffers() {
    return freeCount;
  }

  private void grow() {
    long block = map(blockBytes);
    if (blockCount == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * blockCount);
    }
    blocks[blockCount++] = block;
    for (long at = 0; at + bufferBytes <= blockBytes; at += bufferBytes) {
      give(block + at);
    }
  }

  /// Maps zeroed private memory, on huge pages where it is long enough.
  public static long map(long bytes) {
    long address =
        Linux.mmap(
            0,
            bytes,
            LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
            LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS,
            -1,
            0);
    if (bytes >= HUGE_PAGE_BYTES) {
      int _ = Linux.madvise(address, bytes, LinuxConstants.MADV_HUGEPAGE);
    }
    int _ = Linux.madvise(address, bytes, LinuxConstants.MADV_POPULATE_WRITE);
    return address;
  }

  @Override
  public void close() {
    for (int i = 0; i < blockCount; i++) {
      Linux.munmap(blocks[i], blockBytes);
    }
    blockCount = 0;
    freeCount = 0;
  }
}
