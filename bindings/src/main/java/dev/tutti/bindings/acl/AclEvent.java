package dev.tutti.bindings.acl;

import dev.tutti.bindings.acl.generated.aclrtCreateEventExWithFlag_call;
import dev.tutti.bindings.acl.generated.aclrtDestroyEvent_call;
import dev.tutti.bindings.library.OwnedAddress;

/// An event: a point in a stream's work that can be waited for.
public final class AclEvent implements AutoCloseable {
  private final AclRuntime runtime;
  private final OwnedAddress handle;

  private AclEvent(AclRuntime runtime, long address) {
    this.runtime = runtime;
    this.handle = new OwnedAddress("event of ACL", address);
  }

  static AclEvent create(AclRuntime runtime, int flags) {
    return new AclEvent(
        runtime,
        runtime.made(
            "aclrtCreateEventExWithFlag",
            "flags=" + flags,
            (function, out) -> aclrtCreateEventExWithFlag_call.invoke(function, out, flags)));
  }

  /// Returns its address, for the calls of the data path.
  ///
  /// @throws IllegalStateException if it is closed
  public long address() {
    return handle.get();
  }

  /// Records what a stream has been given so far.
  public void record(AclStream stream) {
    runtime.record(handle.get(), stream.address());
  }

  /// Returns whether what it recorded is done.
  public boolean isDone() {
    return runtime.isRecorded(handle.get());
  }

  /// Waits until what it recorded is done.
  public void synchronize() {
    runtime.synchronizeEvent(handle.get());
  }

  /// Frees it. Idempotent.
  @Override
  public void close() {
    long address = handle.close();
    if (address != 0) {
      runtime.free("aclrtDestroyEvent", aclrtDestroyEvent_call::invoke, address);
    }
  }
}
