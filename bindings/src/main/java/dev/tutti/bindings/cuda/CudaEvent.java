package dev.tutti.bindings.cuda;

import dev.tutti.bindings.cuda.generated.cudaEventCreateWithFlags_call;
import dev.tutti.bindings.cuda.generated.cudaEventDestroy_call;
import dev.tutti.bindings.library.OwnedAddress;

/// An event: a point in a stream's work that can be waited for.
public final class CudaEvent implements AutoCloseable {
  private final CudaRuntime runtime;
  private final OwnedAddress handle;

  private CudaEvent(CudaRuntime runtime, long address) {
    this.runtime = runtime;
    this.handle = new OwnedAddress("event of CUDA", address);
  }

  static CudaEvent create(CudaRuntime runtime, int flags) {
    return new CudaEvent(
        runtime,
        runtime.made(
            "cudaEventCreateWithFlags",
            "flags=" + flags,
            (function, out) -> cudaEventCreateWithFlags_call.invoke(function, out, flags)));
  }

  /// Returns its address, for the calls of the data path.
  ///
  /// @throws IllegalStateException if it is closed
  public long address() {
    return handle.get();
  }

  /// Records what a stream has been given so far.
  public void record(CudaStream stream) {
    runtime.record(handle.get(), stream.address());
  }

  /// Returns whether what it recorded is done; true if it recorded nothing.
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
      runtime.free("cudaEventDestroy", cudaEventDestroy_call::invoke, address);
    }
  }
}
