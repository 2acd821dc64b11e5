package dev.tutti.bindings.cuda;

import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cudaStreamCreateWithFlags_call;
import dev.tutti.bindings.cuda.generated.cudaStreamDestroy_call;
import dev.tutti.bindings.library.OwnedAddress;

/// A stream: work for a device that is done in order.
public final class CudaStream implements AutoCloseable {
  private final CudaRuntime runtime;
  private final OwnedAddress handle;

  private CudaStream(CudaRuntime runtime, long address) {
    this.runtime = runtime;
    this.handle = new OwnedAddress("stream of CUDA", address);
  }

  static CudaStream create(CudaRuntime runtime) {
    return new CudaStream(
        runtime,
        runtime.made(
            "cudaStreamCreateWithFlags",
            "",
            (function, out) ->
                cudaStreamCreateWithFlags_call.invoke(
                    function, out, LibCuda.cudaStreamNonBlocking())));
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
  public void synchronize() {
    runtime.synchronize(handle.get());
  }

  /// Makes it wait for what an event recorded last.
  public void waitFor(CudaEvent event) {
    runtime.wait(handle.get(), event.address());
  }

  /// Frees it; what it was given is still done. Idempotent.
  @Override
  public void close() {
    long address = handle.close();
    if (address != 0) {
      runtime.free("cudaStreamDestroy", cudaStreamDestroy_call::invoke, address);
    }
  }
}
