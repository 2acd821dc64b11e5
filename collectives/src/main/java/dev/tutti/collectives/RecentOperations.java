package dev.tutti.collectives;

import dev.tutti.collectives.schedule.Collective;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The blocking calls made lately, so that one that is repeated needs neither checks nor objects.
///
/// A direct-mapped cache on the send buffer's address and the count; it keeps no buffer alive. Used
/// by the communicator's calling thread only.
final class RecentOperations {
  private static final int ENTRIES = 64; // a power of two

  private final @Nullable CollectiveOperation[] entries = new CollectiveOperation[ENTRIES];

  /// Returns the operation that an earlier call with equal arguments made, or null.
  @Nullable CollectiveOperation find(
      Collective collective,
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op,
      int root) {
    CollectiveOperation known = entries[index(send.address(), count)];
    return known != null && known.matches(collective, send, receive, count, type, op, root)
        ? known
        : null;
  }

  /// Remembers an operation if it works on its buffers where they are; returns it.
  CollectiveOperation keep(CollectiveOperation operation) {
    if (operation.isDirect()) {
      entries[index(operation.sendAddress(), operation.count())] = operation.detached();
    }
    return operation;
  }

  private static int index(long address, long count) {
    long mixed = (address * 31 + count) * 0x9e3779b97f4a7c15L; // Fibonacci hashing
    return (int) (mixed >>> 58);
  }
}
