package dev.tutti.bench.jmh;

import java.lang.foreign.Arena;

/// Memory for benchmarks.
final class Operands {
  private static final long PAGE = 4096;

  private Operands() {}

  /// Returns the addresses of touched, page-aligned ranges.
  ///
  /// Successive ranges start 5 cache lines further into their page: equal low address bits would
  /// let every store delay the loads behind it.
  static long[] allocate(Arena arena, int ranges, long bytes) {
    long[] addresses = new long[ranges];
    for (int i = 0; i < ranges; i++) {
      addresses[i] = arena.allocate(bytes + PAGE, PAGE).fill((byte) 1).address() + i * 5L * 64;
    }
    return addresses;
  }
}
