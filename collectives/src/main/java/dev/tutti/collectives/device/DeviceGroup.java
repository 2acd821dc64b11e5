package dev.tutti.collectives.device;

import dev.tutti.collectives.DataType;
import java.util.ArrayList;
import java.util.List;

/// Sends and receives that go out together, in whatever order they were added, and may depend on
/// each other. Filled and run by one thread.
public final class DeviceGroup {
  private final DeviceCalls calls;
  private final List<Transfer> transfers = new ArrayList<>();

  DeviceGroup(DeviceCalls calls) {
    this.calls = calls;
  }

  /// Adds a send of `count` elements to a peer, which may be this rank.
  public DeviceGroup send(long buffer, long count, DataType type, int peer) {
    calls.check(buffer, count, type, peer);
    transfers.add(Transfer.send(buffer, count, type, peer));
    return this;
  }

  /// Adds a receive of `count` elements from a peer, which may be this rank.
  public DeviceGroup receive(long buffer, long count, DataType type, int peer) {
    calls.check(buffer, count, type, peer);
    transfers.add(Transfer.receive(buffer, count, type, peer));
    return this;
  }

  /// Runs them, as the calls that this came from do: blocking, or queued on a stream. May be run
  /// again.
  public void run() {
    calls.exchange(List.copyOf(transfers));
  }
}
