package dev.tutti.topology.discover;

import java.util.BitSet;

/// A cache that holds data.
///
/// @param level 1 is nearest to the core
/// @param bytes its size
/// @param cpus the CPUs that share it
record CpuCache(int level, long bytes, BitSet cpus) {
  CpuCache {
    cpus = (BitSet) cpus.clone();
  }
}
