package dev.tutti.bindings.acl;

import dev.tutti.bindings.acl.generated.aclrtCreateStream_call;
import dev.tutti.bindings.acl.generated.aclrtDestroyStream_call;
import dev.tutti.bindings.library.OwnedAddress;

/// A stream: work for a device that is done in order.
public final class AclStream implements AutoCloseable {
  private final AclRuntime runtime;
  private final OwnedAddress handle;

  private AclStream(AclRuntime runtime, long address) {
    this.runtime = runtime;
    this.handle = new OwnedAddress("stream of ACL", address);
  }

  static AclStream create(AclRuntime runtime) {
    return new AclStream(
        runtime, runtime.made("aclrtCreateStream", "", aclrtCreateStream_call::invoke));
  }

  /// Returns its address, for the calls of the data path.
  ///
  /// @throws IllegalStateException if it is closed
  public long address() {
    return handle.get();
  }

  /// Returns whether it has done everything.
  public boolean isDone() {
    return runtime.isDone(handle.get());
  }

  /// Waits until it has done everything.
  ///
  /// @param timeoutMillis time limit, or [AclRuntime#FOR_EVER]
  public void synchronize(int timeoutMillis) {
    runtime.synchronize(handle.get(), timeoutMillis);
  }

  /// Stops what it does and drops what it was given.
  public void abort() {
    runtime.abort(handle.get());
  }

  /// Makes it wait for what an event recorded last.
  public void waitFor(AclEvent event) {
    runtime.wait(handle.get(), event.address());
  }

  /// Frees it when everything it was given is done. Idempotent.
  @Override
  public void close() {
    long address = handle.close();
    if (address != 0) {
      runtime.free("aclrtDestroyStream", aclrtDestroyStream_call::invoke, address);
    }
  }
}
