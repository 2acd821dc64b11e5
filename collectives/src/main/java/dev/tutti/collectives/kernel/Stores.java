package dev.tutti.collectives.kernel;

/// How a kernel writes its result.
public enum Stores {
  /// Ordinary stores: the result stays in the cache. Right when the data is used again soon or fits
  /// in the last-level cache.
  CACHED,
  /// Non-temporal stores: the result goes to memory without being read first. Right for results
  /// larger than the last-level cache; without the native kernels it is the same as [#CACHED].
  STREAMING
}
