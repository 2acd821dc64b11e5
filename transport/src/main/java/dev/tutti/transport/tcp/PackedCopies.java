package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;

/// Copies of pieces that are much smaller than the buffers of a pool: many share one, which goes
/// back to the pool with the last of them.
///
/// A buffer begins with the number of its copies, in 8 bytes. Used by one thread at a time.
final class PackedCopies {
  private static final long ALIGNMENT = 64;

  private final BufferPool pool;
  private long buffer; // takes the next copies, 0 for none
  private long used; // bytes of it

  PackedCopies(BufferPool pool) {
    this.pool = pool;
  }

  /// Returns whether sharing saves memory: other pieces better have a buffer each.
  boolean takes(int bytes) {
    return bytes <= pool.bufferBytes() / 2 - ALIGNMENT;
  }

  /// Copies a piece that [#takes] allows; returns the address of the copy.
  long add(long source, int bytes) {
    if (buffer == 0 || used + bytes > pool.bufferBytes()) {
      buffer = pool.take();
      used = ALIGNMENT;
      Memory.putLong(buffer, 0);
    }
    long copy = buffer + used;
    Memory.copy(copy, source, bytes);
    used = (used + bytes + ALIGNMENT - 1) & -ALIGNMENT;
    Memory.putLong(buffer, Memory.getLong(buffer) + 1);
    return copy;
  }

  /// Returns the buffer that holds the copy made last.
  long buffer() {
    return buffer;
  }

  /// Forgets one of the copies in a buffer.
  void release(long from) {
    long left = Memory.getLong(from) - 1;
    Memory.putLong(from, left);
    if (left == 0) {
      pool.give(from);
      buffer = from == buffer ? 0 : buffer;
    }
  }
}
