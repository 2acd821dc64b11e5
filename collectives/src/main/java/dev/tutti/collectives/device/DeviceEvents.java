package dev.tutti.collectives.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Events that are used again. Thread-safe.
final class DeviceEvents {
  private final DeviceRuntime runtime;
  private final List<DeviceRuntime.Owned> all = new ArrayList<>();
  private final Deque<Long> free = new ArrayDeque<>();

  DeviceEvents(DeviceRuntime runtime) {
    this.runtime = runtime;
  }

  /// Returns an event that nobody else uses.
  synchronized long take() {
    Long event = free.pollFirst();
    if (event != null) {
      return event;
    }
    DeviceRuntime.Owned made = runtime.event();
    all.add(made);
    return made.address();
  }

  /// Gives an event back.
  synchronized void put(long event) {
    free.addFirst(event);
  }

  synchronized void close() {
    all.forEach(DeviceRuntime.Owned::close);
    all.clear();
    free.clear();
  }
}
