package dev.tutti.topology.discover;

import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A NUMA domain as sysfs shows it.
///
/// @param index the kernel's number of it
/// @param cpus its CPUs; empty for memory without any
/// @param bytes its memory, null if unknown
/// @param distances the firmware's distance to each domain by number; 10 is its own
record NumaDomain(int index, BitSet cpus, @Nullable Long bytes, Map<Integer, Integer> distances) {
  NumaDomain {
    cpus = (BitSet) cpus.clone();
    distances = Map.copyOf(distances);
  }
}
