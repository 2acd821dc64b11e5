package dev.tutti.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cuModuleGetFunction_call;
import dev.tutti.bindings.cuda.generated.cuModuleLoadDataEx_call;
import dev.tutti.bindings.cuda.generated.cuModuleUnload_call;
import dev.tutti.bindings.library.OwnedAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Kernels that the driver compiled, until this is closed.
public final class CudaModule implements AutoCloseable {
  private static final int LOG_BYTES = 8192;

  private final CudaDriver driver;
  private final OwnedAddress handle;

  private CudaModule(CudaDriver driver, long address) {
    this.driver = driver;
    this.handle = new OwnedAddress("module of CUDA", address);
  }

  static CudaModule load(CudaDriver driver, String ptx) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment log = arena.allocate(LOG_BYTES);
      MemorySegment options =
          arena.allocateFrom(
              JAVA_INT,
              LibCuda.CU_JIT_ERROR_LOG_BUFFER(),
              LibCuda.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES());
      // Each value is a pointer or a number in the place of one.
      MemorySegment values = arena.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES - 1);
      MemorySegment out = arena.allocate(ADDRESS);
      int result =
          cuModuleLoadDataEx_call.invoke(
              driver.library().function("cuModuleLoadDataEx"),
              out,
              arena.allocateFrom(ptx),
              2,
              options,
              values);
      driver.check(result, "cuModuleLoadDataEx", "", log.getString(0).strip());
      return new CudaModule(driver, out.get(ADDRESS, 0).address());
    }
  }

  /// Returns a kernel by name; it can be used as long as this is not closed.
  public CudaKernel kernel(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int result =
          cuModuleGetFunction_call.invoke(
              driver.library().function("cuModuleGetFunction"),
              out,
              MemorySegment.ofAddress(handle.get()),
              arena.allocateFrom(name));
      driver.check(result, "cuModuleGetFunction", "name=" + name, "");
      return new CudaKernel(driver, this, out.get(ADDRESS, 0).address());
    }
  }

  void requireOpen() {
    long _ = handle.get();
  }

  /// Unloads it, in the context in which it was loaded. Idempotent.
  @Override
  public void close() {
    long address = handle.close();
    if (address != 0) {
      int result =
          cuModuleUnload_call.invoke(
              driver.library().function("cuModuleUnload"), MemorySegment.ofAddress(address));
      driver.check(result, "cuModuleUnload", "", "");
    }
  }
}
