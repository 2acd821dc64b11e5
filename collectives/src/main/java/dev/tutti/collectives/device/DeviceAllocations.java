package dev.tutti.collectives.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The memory that a communicator has allocated, by address. Thread-safe.
final class DeviceAllocations {
  private final Map<Long, DeviceRuntime.Owned> memory = new HashMap<>();

  synchronized long add(DeviceRuntime.Owned allocated) {
    memory.put(allocated.address(), allocated);
    return allocated.address();
  }

  void free(long address) {
    DeviceRuntime.Owned allocated;
    synchronized (this) {
      allocated = memory.remove(address);
    }
    if (allocated == null) {
      throw new IllegalArgumentException(
          "0x"
              + Long.toHexString(address)
              + " was not allocated by this communicator, or is freed");
    }
    allocated.close();
  }

  /// Returns all of it, which is then no longer here.
  synchronized List<DeviceRuntime.Owned> take() {
    List<DeviceRuntime.Owned> all = new ArrayList<>(memory.values());
    memory.clear();
    return all;
  }

  /// Moves all of it to another.
  DeviceAllocations moved() {
    DeviceAllocations other = new DeviceAllocations();
    take().forEach(other::add);
    return other;
  }
}
