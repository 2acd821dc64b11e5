package dev.tutti.bindings.cuda;

import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cudaFreeHost_call;
import dev.tutti.bindings.cuda.generated.cudaFree_call;
import dev.tutti.bindings.cuda.generated.cudaHostRegister_call;
import dev.tutti.bindings.cuda.generated.cudaHostUnregister_call;
import dev.tutti.bindings.cuda.generated.cudaMallocHost_call;
import dev.tutti.bindings.cuda.generated.cudaMalloc_call;
import dev.tutti.bindings.library.OwnedAddress;
import java.lang.foreign.MemorySegment;

/// Memory of a device, or of the host and known to CUDA, until it is closed. Whoever closes it sees
/// to it that nothing on a stream still uses it.
public final class CudaMemory implements AutoCloseable {
  private final CudaRuntime runtime;
  private final OwnedAddress handle;
  private final long bytes;
  private final Kind kind;

  /// Where memory is and whose.
  private enum Kind {
    DEVICE,
    HOST,
    REGISTERED
  }

  private CudaMemory(CudaRuntime runtime, long address, long bytes, Kind kind) {
    this.runtime = runtime;
    this.handle = new OwnedAddress("memory of CUDA", address);
    this.bytes = bytes;
    this.kind = kind;
  }

  private static void checkBytes(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("bytes must be positive, is " + bytes);
    }
  }

  static CudaMemory onDevice(CudaRuntime runtime, long bytes) {
    checkBytes(bytes);
    long address =
        runtime.made(
            "cudaMalloc",
            "bytes=" + bytes,
            (function, out) -> cudaMalloc_call.invoke(function, out, bytes));
    return new CudaMemory(runtime, address, bytes, Kind.DEVICE);
  }

  static CudaMemory onHost(CudaRuntime runtime, long bytes) {
    checkBytes(bytes);
    long address =
        runtime.made(
            "cudaMallocHost",
            "bytes=" + bytes,
            (function, out) -> cudaMallocHost_call.invoke(function, out, bytes));
    return new CudaMemory(runtime, address, bytes, Kind.HOST);
  }

  static CudaMemory registered(CudaRuntime runtime, MemorySegment memory) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException("only native memory can be registered with CUDA");
    }
    int result =
        cudaHostRegister_call.invoke(
            runtime.library().require("cudaHostRegister"),
            memory,
            memory.byteSize(),
            LibCuda.cudaHostRegisterPortable());
    runtime.check(result, "cudaHostRegister", "bytes=" + memory.byteSize());
    return new CudaMemory(runtime, memory.address(), memory.byteSize(), Kind.REGISTERED);
  }

  /// Returns its address.
  ///
  /// @throws IllegalStateException if it is closed
  public long address() {
    return handle.get();
  }

  /// Returns its length.
  public long bytes() {
    return bytes;
  }

  /// Returns memory of the host for use by the host. Nothing keeps it from being used after this is
  /// closed.
  ///
  /// @throws IllegalStateException if it is memory of a device, or closed
  public MemorySegment segment() {
    if (kind == Kind.DEVICE) {
      throw new IllegalStateException("the host cannot use memory of a device");
    }
    return MemorySegment.ofAddress(handle.get()).reinterpret(bytes);
  }

  /// Frees it, or ends its registration. Idempotent.
  @Override
  public void close() {
    long address = handle.close();
    if (address == 0) {
      return;
    }
    switch (kind) {
      case DEVICE -> runtime.free("cudaFree", cudaFree_call::invoke, address);
      case HOST -> runtime.free("cudaFreeHost", cudaFreeHost_call::invoke, address);
      case REGISTERED ->
          runtime.free("cudaHostUnregister", cudaHostUnregister_call::invoke, address);
    }
  }
}
