package dev.tutti.collectives;

import dev.tutti.collectives.CollectiveOperation.Arguments;
import java.lang.foreign.MemorySegment;

/// Checks of what the caller passes, made once at the public edge.
final class BufferChecks {
  private BufferChecks() {}

  /// Checks that a segment is alive and holds `bytes` bytes.
  static void size(String what, MemorySegment segment, long bytes) {
    if (segment.byteSize() < bytes) {
      throw new IllegalArgumentException(
          what + " has " + segment.byteSize() + " bytes, " + bytes + " are needed");
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(what + " has been freed");
    }
  }

  /// Checks that a segment can be written.
  static void writable(String what, MemorySegment segment) {
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException(what + " is read-only");
    }
  }

  /// Checks a number of elements per block.
  static void count(long count, DataType type, int blocks) {
    if (count < 0) {
      throw new IllegalArgumentException("count is " + count + ", expected at least 0");
    }
    if (count > Long.MAX_VALUE / type.bytes() / blocks / 2) {
      throw new IllegalArgumentException("count " + count + " of " + type + " is too large");
    }
  }

  /// Checks that there is such a rank.
  static void rank(String what, int rank, int size) {
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException(what + " is " + rank + ", expected 0 to " + (size - 1));
    }
  }

  /// Checks that the buffers are disjoint or in place.
  static void overlap(Arguments arguments, int rank) {
    MemorySegment send = arguments.send();
    MemorySegment receive = arguments.receive();
    if (send == null || receive == null || arguments.count() == 0) {
      return;
    }
    MemorySegment sent = send.asSlice(0, arguments.sendBytes());
    MemorySegment received = receive.asSlice(0, arguments.receiveBytes());
    if (sent.asOverlappingSlice(received).isEmpty()) {
      return;
    }
    long expected =
        switch (arguments.collective()) {
          case ALL_GATHER -> -rank * arguments.sendBytes();
          case REDUCE_SCATTER -> rank * arguments.receiveBytes();
          case ALL_REDUCE, BROADCAST, BARRIER -> 0;
        };
    long offset = received.address() - sent.address();
    if (offset != expected) {
      throw new IllegalArgumentException(
          "send and receive buffer overlap: the receive buffer begins at byte "
              + offset
              + " of the send buffer, in place it would be "
              + expected);
    }
  }
}
