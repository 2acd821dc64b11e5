package dev.tutti.collectives;

import dev.tutti.collectives.CollectiveOperation.Arguments;
import dev.tutti.collectives.execute.BlockLayout;
import dev.tutti.collectives.execute.BlockLayout.Side;
import dev.tutti.collectives.schedule.Collective;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.stream.IntStream;

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
  static void count(long count, DataType type, long blocks) {
    if (count < 0) {
      throw new IllegalArgumentException("count is " + count + ", expected at least 0");
    }
    if (count > Long.MAX_VALUE / type.bytes() / blocks / 2) {
      throw new IllegalArgumentException("count " + count + " of " + type + " is too large");
    }
  }

  /// Checks counts and displacements, in elements, of one block per rank.
  static void blocks(String name, long[] counts, long[] displacements, DataType type, int ranks) {
    if (counts.length != ranks || displacements.length != ranks) {
      throw new IllegalArgumentException(
          name
              + " has "
              + counts.length
              + " entries and its displacements have "
              + displacements.length
              + ", expected "
              + ranks
              + ", one per rank");
    }
    long most = Long.MAX_VALUE / type.bytes() / ranks / 4;
    for (int r = 0; r < ranks; r++) {
      if (counts[r] < 0 || counts[r] > most || displacements[r] < 0 || displacements[r] > most) {
        throw new IllegalArgumentException(
            name
                + "["
                + r
                + "] is "
                + counts[r]
                + " at displacement "
                + displacements[r]
                + ", expected 0 to "
                + most
                + " each");
      }
    }
  }

  /// Checks that blocks which are written do not overlap.
  static void disjoint(String name, Side side) {
    long[] displacements = side.displacements();
    Integer[] order =
        IntStream.range(0, displacements.length)
            .filter(r -> side.counts()[r] > 0)
            .boxed()
            .sorted(Comparator.comparingLong(r -> displacements[r]))
            .toArray(Integer[]::new);
    for (int i = 1; i < order.length; i++) {
      int before = order[i - 1];
      if (displacements[before] + side.counts()[before] > displacements[order[i]]) {
        throw new IllegalArgumentException(
            name + ": the blocks of ranks " + before + " and " + order[i] + " overlap");
      }
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
    if (send == null
        || receive == null
        || arguments.sendBytes() == 0
        || arguments.receiveBytes() == 0) {
      return;
    }
    MemorySegment sent = send.asSlice(0, arguments.sendBytes());
    MemorySegment received = receive.asSlice(0, arguments.receiveBytes());
    if (sent.asOverlappingSlice(received).isEmpty()) {
      return;
    }
    long expected = inPlace(arguments, rank);
    long offset = received.address() - sent.address();
    if (offset != expected) {
      throw new IllegalArgumentException(
          "send and receive buffer overlap: the receive buffer begins at byte "
              + offset
              + " of the send buffer, in place it would be "
              + expected);
    }
  }

  /// Returns where in the send buffer the receive buffer begins in place, in bytes.
  private static long inPlace(Arguments arguments, int rank) {
    BlockLayout layout = arguments.layout();
    boolean collects =
        arguments.collective() == Collective.ALL_GATHER
            || arguments.collective() == Collective.GATHER;
    boolean spreads =
        arguments.collective() == Collective.REDUCE_SCATTER
            || arguments.collective() == Collective.SCATTER;
    if (!collects && !spreads) {
      if (layout != null && !layout.send().equals(layout.receive())) {
        throw new IllegalArgumentException(
            "send and receive buffer overlap: in place, counts and displacements must be equal");
      }
      return 0;
    }
    if (layout == null) {
      return collects ? -rank * arguments.sendBytes() : rank * arguments.receiveBytes();
    }
    int bytes = arguments.type().bytes();
    return collects
        ? -layout.receive().displacements()[rank] * bytes
        : layout.send().displacements()[rank] * bytes;
  }
}
