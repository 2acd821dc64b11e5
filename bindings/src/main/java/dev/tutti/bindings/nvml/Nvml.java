package dev.tutti.bindings.nvml;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.library.LibrarySearch;
import dev.tutti.bindings.library.NativeLibrary;
import dev.tutti.bindings.nvml.generated.nvmlInit_v2_call;
import dev.tutti.bindings.nvml.generated.nvmlShutdown_call;
import java.util.List;

/// The NVML library of NVIDIA's driver.
///
/// It is `libnvidia-ml.so.1` as the dynamic linker finds it or in the folders where container tools
/// put it, or what the system property `tutti.nvml.library` names; `none` there keeps it from being
/// used.
public final class Nvml {
  /// System property that names the library.
  public static final String PROPERTY = "tutti.nvml.library";

  private static final LibrarySearch SEARCH =
      new LibrarySearch(
          "NVML",
          PROPERTY,
          List.of("libnvidia-ml.so.1"),
          List.of("/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64"),
          List.of(
              "nvmlInit_v2",
              "nvmlShutdown",
              "nvmlDeviceGetCount_v2",
              "nvmlDeviceGetHandleByIndex_v2"),
          "it comes with NVIDIA's driver");

  private Nvml() {}

  /// Asks for all devices. Blocks as long as the driver takes to start: milliseconds, or seconds
  /// where it is not kept loaded.
  ///
  /// @throws LibraryNotFoundException if there is no library
  /// @throws NativeCallException if it cannot be started: there is no driver, or one of another
  ///   version
  public static NvmlReport read() {
    NativeLibrary library = SEARCH.open();
    NvmlCalls calls = new NvmlCalls(library);
    calls.check(nvmlInit_v2_call.invoke(library.function("nvmlInit_v2")), "nvmlInit_v2", "");
    try {
      return new NvmlReader(calls).read();
    } finally {
      // Counted by NVML: others in this process that use it go on.
      int _ = nvmlShutdown_call.invoke(library.function("nvmlShutdown"));
    }
  }
}
