package dev.tutti.collectives.device;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.Request;
import java.lang.foreign.MemorySegment;

/// A stream as seen by a device communicator: operations are queued on it and return at once.
///
/// Nothing here waits for the device, so the stream may be one that is being captured into a graph;
/// [#request] alone is not for that.
///
/// Errors that come later, and other ranks that fail, show in [Request#await] of [#request] and in
/// the next call of the communicator. Who waits for the stream by other means waits for ever if a
/// rank does not come: nothing ends that but [DeviceCommunicator#abort] by another thread.
public final class DeviceStream extends DeviceCalls {
  private final long handle;
  private String latest = "nothing";

  DeviceStream(DeviceCore core, long handle) {
    super(core);
    this.handle = handle;
  }

  @Override
  public long handle() {
    return handle;
  }

  @Override
  void issued(String operation) {
    latest = operation;
  }

  @Override
  boolean divides() {
    return false;
  }

  @Override
  void divide(long elements, long count, DataType type) {
    throw new AssertionError("a stream cannot");
  }

  /// Copies from memory of the host to device memory. The caller is held up unless the former is
  /// [pinned][DeviceCommunicator#allocateHost]; with HCCL it has to be.
  ///
  /// @param from native; must stay until the copy is done
  public void copyToDevice(MemorySegment from, long to, long bytes) {
    core.copy(to, address(from, bytes), bytes, DeviceRuntime.Direction.TO_DEVICE, handle);
    latest = "device copy";
  }

  /// Copies from device memory to memory of the host; see [#copyToDevice].
  public void copyToHost(long from, MemorySegment to, long bytes) {
    core.copy(address(to, bytes), from, bytes, DeviceRuntime.Direction.TO_HOST, handle);
    latest = "device copy";
  }

  /// Copies within device memory.
  public void copy(long from, long to, long bytes) {
    core.copy(to, from, bytes, DeviceRuntime.Direction.ON_DEVICE, handle);
    latest = "device copy";
  }

  private static long address(MemorySegment memory, long bytes) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException("only native memory can be copied on a stream");
    }
    return memory.asSlice(0, bytes).address();
  }

  /// Returns a handle on everything that the stream has been given so far, by this or by others. It
  /// has an event of the device until it is awaited or the communicator is closed.
  ///
  /// @throws IllegalStateException if the stream is being captured into a graph
  public Request request() {
    core.checkUsable();
    core.runtime.use();
    if (core.runtime.isCapturing(handle)) {
      throw new IllegalStateException("the stream is being captured: nothing on it can be awaited");
    }
    return new DeviceRequest(core, latest, handle);
  }
}
