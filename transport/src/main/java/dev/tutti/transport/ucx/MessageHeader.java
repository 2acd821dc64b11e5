package dev.tutti.transport.ucx;

import dev.tutti.bindings.Memory;

/// The header in front of small messages, and before the first large one of an operation to a peer.
///
/// ```
///   +0  operation: long   number of the operation the message belongs to
///   +8  signature: long   what that operation is
/// ```
///
/// Little-endian, as the memory of all supported hosts is. It lies right before the message, which
/// begins on a cache line of its own.
final class MessageHeader {
  static final int BYTES = 16;

  /// Where a message begins in a buffer, with its header before it.
  static final int ROOM_BYTES = 64;

  /// Largest message that is copied behind its header: with it, the most that UCX sends in one
  /// piece by TCP and shared memory.
  static final int SMALL_BYTES = 8000;

  private MessageHeader() {}

  static void write(long at, long operation, long signature) {
    Memory.putLong(at, operation);
    Memory.putLong(at + 8, signature);
  }

  static long operation(long at) {
    return Memory.getLong(at);
  }

  static long signature(long at) {
    return Memory.getLong(at + 8);
  }
}
