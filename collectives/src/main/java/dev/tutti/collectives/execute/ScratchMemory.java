package dev.tutti.collectives.execute;

import dev.tutti.transport.MemoryDomain;

/// Working memory that grows to the largest request and is then reused.
///
/// Used by one thread at a time.
final class ScratchMemory {
  private static final long ALIGNMENT = 4096;

  private final MemoryDomain domain;
  private long address;
  private long bytes;

  ScratchMemory(MemoryDomain domain) {
    this.domain = domain;
  }

  /// Returns the address of at least `wanted` bytes of shared memory, contents undefined.
  long atLeast(long wanted) {
    if (wanted > bytes) {
      release();
      address = domain.allocate(wanted, ALIGNMENT);
      bytes = wanted;
    }
    return address;
  }

  /// Frees the memory.
  void release() {
    if (bytes > 0) {
      domain.free(address);
      bytes = 0;
    }
  }
}
