package dev.tutti.collectives.device;

import java.lang.foreign.MemorySegment;

/// One device through its vendor's runtime: memory, copies, streams, events.
///
/// [#use] comes before everything else in each thread. Streams and events are handles.
interface DeviceRuntime {
  /// Makes the device the calling thread's current one.
  void use();

  /// A thing of the runtime's and what frees it.
  interface Owned extends AutoCloseable {
    /// Returns its address or handle.
    long address();

    @Override
    void close();
  }

  /// Allocates memory of the device.
  Owned allocate(long bytes);

  /// Allocates memory of the host that the device reaches.
  Owned allocateHost(long bytes);

  /// Makes a stream.
  Owned stream();

  /// Makes an event.
  Owned event();

  /// Copies on a stream.
  void copyAsync(long to, long from, long bytes, Direction direction, long stream);

  /// Copies between device and any memory of the host, and waits until that is done.
  void copy(long to, long from, long bytes, Direction direction);

  /// Returns whether an error of the runtime says that there is no memory.
  boolean isOutOfMemory(int error);

  /// Returns whether an error of the runtime says that an argument is wrong, and nothing else.
  boolean isHarmless(int error);

  /// From where to where a copy goes.
  enum Direction {
    TO_DEVICE,
    TO_HOST,
    ON_DEVICE
  }

  /// Records in an event what a stream has been given so far.
  void record(long event, long stream);

  /// Returns whether what an event recorded is done.
  boolean isDone(long event);

  /// Returns whether a stream collects what it is given instead of doing it.
  boolean isCapturing(long stream);

  /// Throws what went wrong on a stream whose work has ended, if the runtime keeps that until
  /// asked.
  void checkEnded(long stream);

  /// Stops what a stream does, where the runtime can.
  void abort(long stream);

  /// Stops what this process has on the device, where the runtime can.
  void abortAll();

  /// Returns a segment over memory of the host.
  static MemorySegment segment(Owned memory, long bytes) {
    return dev.tutti.bindings.Memory.ALL.asSlice(memory.address(), bytes);
  }
}
