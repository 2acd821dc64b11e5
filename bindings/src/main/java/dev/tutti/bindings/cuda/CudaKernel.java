package dev.tutti.bindings.cuda;

import dev.tutti.bindings.cuda.generated.cuLaunchKernel_call;
import dev.tutti.bindings.library.Downcalls;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// A kernel of a module.
public final class CudaKernel {
  private static final class Launch {
    static final MethodHandle HANDLE = Downcalls.link(cuLaunchKernel_call.descriptor());
  }

  private final CudaDriver driver;
  private final CudaModule module;
  private final long address;
  private final MemorySegment launch;

  CudaKernel(CudaDriver driver, CudaModule module, long address) {
    this.driver = driver;
    this.module = module;
    this.address = address;
    this.launch = driver.library().function("cuLaunchKernel");
  }

  /// Hands it to a stream, in one dimension. Allocates nothing.
  ///
  /// @param blocks number of blocks
  /// @param threads number of threads per block
  /// @param arguments its arguments, read before this returns
  /// @throws IllegalStateException if its module is closed
  public void launch(int blocks, int threads, CudaArguments arguments, long stream) {
    module.requireOpen();
    int result = launch(blocks, threads, arguments.address(), stream);
    driver.check(result, "cuLaunchKernel", "", "");
  }

  private int launch(int blocks, int threads, long arguments, long stream) {
    try {
      return (int)
          Launch.HANDLE.invokeExact(
              launch, address, blocks, 1, 1, threads, 1, 1, 0, stream, arguments, 0L);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
