package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;

/// Copies between raw addresses.
///
/// Nothing is checked: an address that is not mapped kills the process, so bounds are established
/// by the caller, once, at the public edge.
public final class BulkCopy {
  private BulkCopy() {}

  /// Copies `bytes` bytes from address `source` to address `target`, which must not overlap unless
  /// they are equal, in which case nothing is done.
  ///
  /// @param stores [Stores#STREAMING] copies past the cache, where the native kernels are there
  public static void copy(long target, long source, long bytes, Stores stores) {
    if (target == source) {
      return;
    }
    if (stores == Stores.STREAMING) {
      StreamingStores.copy(target, source, bytes);
    } else {
      Memory.copy(target, source, bytes);
    }
  }
}
