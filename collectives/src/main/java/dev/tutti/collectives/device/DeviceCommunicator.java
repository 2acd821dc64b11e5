package dev.tutti.collectives.device;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.collectives.AbortedException;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/// A group of ranks, each with a device, that communicate from device memory to device memory.
///
/// ```java
/// try (Communicator world = Communicator.join();
///     DeviceCommunicator devices = DeviceCommunicator.join(world, DeviceOptions.fromEnvironment())) {
///   long gradient = devices.allocate(4 * count);
///   devices.allReduce(gradient, gradient, count, DataType.FLOAT32, ReduceOp.SUM);
/// }
/// ```
///
/// **Streams.** The methods of this class run on a stream of the communicator and return when the
/// operation is done. [#onStream] gives the same methods for a stream of the caller's, where they
/// are queued and return at once; [#stream] does so for the communicator's own.
///
/// **Failure.** Who waits looks for an error of the library, for the news that a rank has died or
/// given up, and at the clock. Whichever comes first ends the communicator on all ranks: what is
/// under way is stopped, and every later call throws that first failure again. The host
/// communicator goes on; [#shrink] makes a communicator of those that are left.
///
/// **Threads.** One thread of the system at a time may call; [#abort] and requests are for any. The
/// rank's device becomes the current one of the thread that calls.
public final class DeviceCommunicator extends DeviceCalls implements AutoCloseable {
  private final DeviceAllocations allocations;
  private final DeviceStream own;

  DeviceCommunicator(DeviceCore core, DeviceAllocations allocations) {
    super(core);
    this.allocations = allocations;
    this.own = new DeviceStream(core, core.stream.address());
  }

  /// Makes a communicator of the ranks of a host communicator, each with its device. Collective;
  /// the host communicator can be used on besides.
  ///
  /// @throws dev.tutti.collectives.TuttiException on every rank if one cannot take part; names it
  ///   and says why: no library, no device, another library or version than the others
  public static DeviceCommunicator join(Communicator world, DeviceOptions options) {
    return new DeviceCommunicator(DeviceJoin.join(world, options, null), new DeviceAllocations());
  }

  /// Returns this rank, from 0.
  public int rank() {
    return core.control.rank();
  }

  /// Returns the number of ranks.
  public int size() {
    return core.control.size();
  }

  /// Returns the library in use.
  public DeviceBackend backend() {
    return core.vendor.backend();
  }

  /// Returns library and version for people: `NCCL 2.30.7`.
  public String library() {
    return core.vendor.description();
  }

  /// Returns the number of this rank's device.
  public int device() {
    return core.vendor.ordinal();
  }

  // ---- streams

  /// Returns the handle of the communicator's own stream.
  @Override
  public long handle() {
    return core.stream.address();
  }

  /// Returns the communicator's own stream: operations are queued there and return at once.
  public DeviceStream stream() {
    return own;
  }

  /// Returns the operations for a stream of the caller's, on this rank's device: they are queued
  /// and return at once.
  ///
  /// @param handle a `cudaStream_t` or `aclrtStream`, which lives as long as it is used here
  public DeviceStream onStream(long handle) {
    return new DeviceStream(core, handle);
  }

  @Override
  void issued(String operation) {
    new DeviceRequest(core, operation, core.stream.address()).await();
  }

  @Override
  boolean divides() {
    return core.vendor.backend() == DeviceBackend.HCCL;
  }

  /// HCCL has no average, and ACL no kernel that divides: the host does it.
  @Override
  void divide(long elements, long count, DataType type) {
    if (count == 0) {
      return;
    }
    long bytes = count * type.bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(bytes, Long.BYTES);
      copyToHost(elements, host, bytes);
      HostElements.divide(host, count, type, size());
      copyToDevice(host, elements, bytes);
    }
  }

  // ---- memory

  /// Allocates memory of this rank's device, which lives until [#free] or until the communicator
  /// closes. What is in it is undefined.
  ///
  /// @param bytes above 0
  /// @return its address
  /// @throws OutOfMemoryError if the device has not as much
  public long allocate(long bytes) {
    checkBytes(bytes);
    core.checkUsable();
    core.runtime.use();
    try {
      return allocations.add(core.runtime.allocate(bytes));
    } catch (NativeCallException e) {
      throw noMemory(e);
    }
  }

  /// Frees memory that [#allocate] returned. Nothing may be using it, on any stream.
  ///
  /// @throws IllegalArgumentException if it did not come from `allocate`
  public void free(long address) {
    core.runtime.use();
    allocations.free(address);
  }

  /// Allocates memory of the host that the device reaches: pinned. Copies from and to it are the
  /// fastest and the only ones that do not hold up the caller. It lives until [#freeHost] or until
  /// the communicator closes; using it later is not detected.
  ///
  /// @param bytes above 0
  /// @throws OutOfMemoryError if there is not as much
  public MemorySegment allocateHost(long bytes) {
    checkBytes(bytes);
    core.checkUsable();
    core.runtime.use();
    try {
      DeviceRuntime.Owned memory = core.runtime.allocateHost(bytes);
      allocations.add(memory);
      return DeviceRuntime.segment(memory, bytes);
    } catch (NativeCallException e) {
      throw noMemory(e);
    }
  }

  /// Frees memory that [#allocateHost] returned.
  ///
  /// @throws IllegalArgumentException if it did not come from `allocateHost`
  public void freeHost(MemorySegment memory) {
    free(memory.address());
  }

  private static void checkBytes(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("bytes is " + bytes + ", expected above 0");
    }
  }

  private RuntimeException noMemory(NativeCallException e) {
    if (core.runtime.isOutOfMemory(e.errorNumber())) {
      throw new OutOfMemoryError("rank " + rank() + ": " + e.getMessage());
    }
    return core.refused("allocation", e);
  }

  /// Copies from any segment of the host to device memory, after what the communicator's own stream
  /// has been given; returns when that is done.
  public void copyToDevice(MemorySegment from, long to, long bytes) {
    if (from.isNative()) {
      copyNow(to, from.asSlice(0, bytes).address(), bytes, DeviceRuntime.Direction.TO_DEVICE);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staged = arena.allocate(bytes, Long.BYTES);
      MemorySegment.copy(from, 0, staged, 0, bytes);
      copyToDevice(staged, to, bytes);
    }
  }

  /// Copies from device memory to any segment of the host; see [#copyToDevice].
  public void copyToHost(long from, MemorySegment to, long bytes) {
    if (to.isNative()) {
      copyNow(to.asSlice(0, bytes).address(), from, bytes, DeviceRuntime.Direction.TO_HOST);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staged = arena.allocate(bytes, Long.BYTES);
      copyToHost(from, staged, bytes);
      MemorySegment.copy(staged, 0, to, 0, bytes);
    }
  }

  private void copyNow(long to, long from, long bytes, DeviceRuntime.Direction direction) {
    core.checkUsable();
    issued("device copy"); // the library's operations end first
    if (bytes == 0) {
      return;
    }
    try {
      core.runtime.copy(to, from, bytes, direction);
    } catch (NativeCallException e) {
      throw core.refused("device copy", e);
    }
  }

  /// Registers device memory that comes back in many operations, so that the library need not copy
  /// it.
  ///
  /// @throws UnsupportedOperationException with HCCL
  public DeviceRegistration register(long address, long bytes) {
    core.checkUsable();
    core.runtime.use();
    try {
      return core.rank.register(address, bytes);
    } catch (NativeCallException e) {
      throw core.refused("registration", e);
    }
  }

  // ---- others from this

  /// Makes a communicator of the ranks that pass the same `color`, ordered by `key`, then by rank.
  /// Collective. The new one is independent of this one but for the device.
  ///
  /// @param color at least 0
  public DeviceCommunicator split(int color, int key) {
    core.checkUsable();
    return new DeviceCommunicator(DeviceJoin.split(core, color, key), new DeviceAllocations());
  }

  /// Makes the communicator of those ranks that live, in the order they have here; after a failure
  /// or just so. Collective over the living ranks. It takes the place of this one, which can only
  /// be closed: memory belongs to the new one.
  ///
  /// @param timeout how long to wait for ranks that live and have not called this
  /// @throws dev.tutti.collectives.TimeoutException if such ranks are missing; names them
  public DeviceCommunicator shrink(Duration timeout) {
    return replacedBy(DeviceJoin.shrink(core, timeout));
  }

  /// Makes the communicator of a larger host communicator, whose first ranks are those of this one
  /// in their order; the newcomers call [#join]. Collective over the larger one. It takes the place
  /// of this one, which can only be closed: memory belongs to the new one.
  public DeviceCommunicator grow(Communicator larger) {
    core.checkUsable();
    return replacedBy(DeviceJoin.join(larger, core.options, core));
  }

  private DeviceCommunicator replacedBy(DeviceCore other) {
    DeviceCommunicator result = new DeviceCommunicator(other, allocations.moved());
    if (core.beginClose()) {
      core.retire();
      core.control.close();
    }
    return result;
  }

  // ---- the end

  /// Stops what is under way on every rank; there and here, operations that run or wait throw
  /// [AbortedException], and so do later ones. May be called from any thread.
  public void abort(String reason) {
    if (core.hasFailed()) {
      return; // the first reason stays
    }
    core.checkUsable();
    Throwable _ =
        core.fail(new AbortedException("rank " + rank() + " aborted: " + reason, rank(), -1, null));
  }

  /// Throws if this communicator has failed, the library reports an error, or a rank has died or
  /// given up. Does not wait.
  public void check() {
    core.watch();
  }

  /// Returns a handle on everything that the communicator's own stream has been given so far.
  public Request request() {
    return own.request();
  }

  /// Waits for what is under way, frees the communicator and all memory that it allocated.
  /// Idempotent. Ranks wait for each other unless it has failed.
  @Override
  public void close() {
    if (!core.beginClose()) {
      return;
    }
    core.end();
    List<DeviceRuntime.Owned> left = allocations.take();
    left.forEach(memory -> DeviceCore.quietly(memory::close));
    core.control.close();
  }

  @Override
  public String toString() {
    return "rank " + rank() + " of " + size() + " over " + library() + ", device " + device();
  }
}
