package dev.tutti.collectives.device;

import dev.tutti.bindings.acl.AclCopy;
import dev.tutti.bindings.acl.AclEvent;
import dev.tutti.bindings.acl.AclMemory;
import dev.tutti.bindings.acl.AclRuntime;
import dev.tutti.bindings.acl.AclStream;

/// A device of Huawei's.
final class AscendAccess implements DeviceRuntime {
  private static final int ABORT_MILLIS = 10_000;
  private static final int ENDED_MILLIS = 1000;

  // Of ACL's errors.
  private static final int ARGUMENT = 100_000;
  private static final int RUNTIME_ARGUMENT = 107_000;
  private static final int ALLOCATION = 207_001;
  private static final int NO_DEVICE_MEMORY = 207_018;

  private final AclRuntime acl;
  private final int device;
  private final long context;

  AscendAccess(AclRuntime acl, int device) {
    this.acl = acl;
    this.device = device;
    acl.setDevice(device);
    this.context = acl.context();
  }

  /// The device's own context: setting the device again would count as another use of it.
  @Override
  public void use() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "ACL's current device belongs to a thread of the system: not for a virtual thread");
    }
    acl.setContext(context);
  }

  private record OwnedHandle(long address, Runnable end) implements Owned {
    @Override
    public void close() {
      end.run();
    }
  }

  @Override
  public Owned allocate(long bytes) {
    AclMemory memory = acl.allocate(bytes);
    return new OwnedHandle(memory.address(), memory::close);
  }

  @Override
  public Owned allocateHost(long bytes) {
    AclMemory memory = acl.allocateHost(bytes);
    return new OwnedHandle(memory.address(), memory::close);
  }

  @Override
  public Owned stream() {
    AclStream stream = acl.stream();
    return new OwnedHandle(stream.address(), stream::close);
  }

  @Override
  public Owned event() {
    AclEvent event = acl.event();
    return new OwnedHandle(event.address(), event::close);
  }

  @Override
  public void copyAsync(long to, long from, long bytes, Direction direction, long stream) {
    acl.copyAsync(to, from, bytes, kind(direction), stream);
  }

  @Override
  public void copy(long to, long from, long bytes, Direction direction) {
    acl.copy(to, from, bytes, kind(direction));
  }

  private static AclCopy kind(Direction direction) {
    return switch (direction) {
      case TO_DEVICE -> AclCopy.HOST_TO_DEVICE;
      case TO_HOST -> AclCopy.DEVICE_TO_HOST;
      case ON_DEVICE -> AclCopy.DEVICE_TO_DEVICE;
    };
  }

  @Override
  public boolean isOutOfMemory(int error) {
    return error == NO_DEVICE_MEMORY || error == ALLOCATION;
  }

  @Override
  public boolean isHarmless(int error) {
    return error == ARGUMENT || error == RUNTIME_ARGUMENT;
  }

  @Override
  public void record(long event, long stream) {
    acl.record(event, stream);
  }

  @Override
  public boolean isDone(long event) {
    return acl.isRecorded(event);
  }

  /// The interface in use here does not tell; nothing that is done for a stream of a caller's
  /// synchronises in any case.
  @Override
  public boolean isCapturing(long stream) {
    return false;
  }

  @Override
  public void checkEnded(long stream) {
    if (acl.isDone(stream)) {
      acl.synchronize(stream, ENDED_MILLIS);
    }
  }

  @Override
  public void abort(long stream) {
    if (acl.supports("aclrtStreamAbort")) {
      acl.abort(stream);
    } else {
      abortAll();
    }
  }

  @Override
  public void abortAll() {
    acl.abortTasks(device, ABORT_MILLIS);
  }
}
