package dev.tutti.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.cuda.generated.LibCuda;
import dev.tutti.bindings.cuda.generated.cuCtxSetCurrent_call;
import dev.tutti.bindings.cuda.generated.cuDeviceGet_call;
import dev.tutti.bindings.cuda.generated.cuDevicePrimaryCtxRelease_v2_call;
import dev.tutti.bindings.cuda.generated.cuDevicePrimaryCtxRetain_call;
import dev.tutti.bindings.cuda.generated.cuDriverGetVersion_call;
import dev.tutti.bindings.cuda.generated.cuGetErrorName_call;
import dev.tutti.bindings.cuda.generated.cuGetErrorString_call;
import dev.tutti.bindings.cuda.generated.cuInit_call;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// CUDA's driver: loads modules and launches kernels in the contexts of the runtime. It stays
/// loaded as long as the process lives.
public final class CudaDriver {
  /// Functions without which a driver is of no use.
  static final List<String> REQUIRED =
      List.of(
          "cuInit",
          "cuGetErrorName",
          "cuGetErrorString",
          "cuDeviceGet",
          "cuDevicePrimaryCtxRetain",
          "cuCtxSetCurrent",
          "cuModuleLoadDataEx",
          "cuModuleGetFunction",
          "cuModuleUnload",
          "cuLaunchKernel");

  private static final int SUCCESS = LibCuda.CUDA_SUCCESS();

  private final NativeLibrary library;

  private CudaDriver(NativeLibrary library) {
    this.library = library;
  }

  static CudaDriver start(NativeLibrary library) {
    CudaDriver driver = new CudaDriver(library);
    driver.check(cuInit_call.invoke(library.function("cuInit"), 0), "cuInit", "", "");
    return driver;
  }

  NativeLibrary library() {
    return library;
  }

  /// Returns where the library was found.
  public String place() {
    return library.place();
  }

  /// Returns the newest version of CUDA it works with: 12040 for 12.4.
  public int version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      int result = cuDriverGetVersion_call.invoke(library.require("cuDriverGetVersion"), out);
      check(result, "cuDriverGetVersion", "", "");
      return out.get(JAVA_INT, 0);
    }
  }

  /// Throws unless a call was successful.
  ///
  /// @param said what the driver said in other ways; empty for the text of the result
  void check(int result, String function, String arguments, String said) {
    if (result != SUCCESS) {
      String detail = said.isEmpty() ? text(result, "cuGetErrorString") : said;
      throw new NativeCallException(
          function, arguments, result, text(result, "cuGetErrorName"), detail);
    }
  }

  private String text(int result, String function) {
    MemorySegment address = library.function(function);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int found =
          function.equals("cuGetErrorName")
              ? cuGetErrorName_call.invoke(address, result, out)
              : cuGetErrorString_call.invoke(address, result, out);
      MemorySegment text = out.get(ADDRESS, 0);
      return found != SUCCESS || text.address() == 0
          ? "CUDA error"
          : text.reinterpret(Long.MAX_VALUE).getString(0);
    }
  }

  /// Makes the context that the runtime uses for a device the calling thread's current one, and
  /// keeps it until what this returns is closed.
  public CudaContext retainContext(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      int found = cuDeviceGet_call.invoke(library.function("cuDeviceGet"), number, device);
      check(found, "cuDeviceGet", "device=" + device, "");
      MemorySegment out = arena.allocate(ADDRESS);
      int handle = number.get(JAVA_INT, 0);
      int result =
          cuDevicePrimaryCtxRetain_call.invoke(
              library.function("cuDevicePrimaryCtxRetain"), out, handle);
      check(result, "cuDevicePrimaryCtxRetain", "device=" + device, "");
      CudaContext context = new CudaContext(this, handle, out.get(ADDRESS, 0).address());
      context.makeCurrent();
      return context;
    }
  }

  void makeCurrent(long context) {
    int result =
        cuCtxSetCurrent_call.invoke(
            library.function("cuCtxSetCurrent"), MemorySegment.ofAddress(context));
    check(result, "cuCtxSetCurrent", "", "");
  }

  void releaseContext(int device) {
    int result =
        cuDevicePrimaryCtxRelease_v2_call.invoke(
            library.require("cuDevicePrimaryCtxRelease_v2"), device);
    check(result, "cuDevicePrimaryCtxRelease_v2", "device=" + device, "");
  }

  /// Loads a module into the current context.
  ///
  /// @param ptx the module's text in PTX
  /// @throws NativeCallException if the driver cannot compile it; says what the driver says
  public CudaModule loadModule(String ptx) {
    return CudaModule.load(this, ptx);
  }
}
