package dev.tutti.collectives.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Memory of the host that an operation on a stream reads, kept until that is done. One thread at a
/// time.
final class KeptArguments {
  private final DeviceRuntime runtime;
  private final Deque<Kept> kept = new ArrayDeque<>();

  KeptArguments(DeviceRuntime runtime) {
    this.runtime = runtime;
  }

  private record Kept(DeviceRuntime.Owned event, List<MemorySegment> memory) {}

  /// Keeps memory until a stream has done what it was given so far.
  void until(long stream, List<MemorySegment> memory) {
    while (!kept.isEmpty() && runtime.isDone(kept.getFirst().event().address())) {
      kept.removeFirst().event().close();
    }
    DeviceRuntime.Owned event = runtime.event();
    runtime.record(event.address(), stream);
    kept.addLast(new Kept(event, memory));
  }

  /// Keeps nothing any longer: nothing is under way.
  void close() {
    kept.forEach(each -> each.event().close());
    kept.clear();
  }
}
