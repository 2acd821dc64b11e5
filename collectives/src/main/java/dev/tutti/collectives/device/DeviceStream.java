package dev.tutti.collectives.device;

import dev.tutti.collectives.Request;

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
  void divide(long elements, long count, dev.tutti.collectives.DataType type) {
    throw new AssertionError("a stream cannot");
  }

  /// Returns a handle on everything that the stream has been given so far, by this or by others.
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
