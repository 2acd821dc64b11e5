package dev.tutti.bindings.cuda;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.library.LibraryFolders;
import dev.tutti.bindings.library.LibrarySearch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Finds CUDA's libraries.
///
/// The runtime is what the system property `tutti.cuda.library` or else the environment variable
/// `TUTTI_CUDA_LIBRARY` names (`none` keeps it from being used), or `libcudart.so` of CUDA 12, 13
/// or 11 as the dynamic linker finds it (in `LD_LIBRARY_PATH` first), below `CUDA_HOME` or
/// `CUDA_PATH`, among the packages of Python, or below `/usr/local/cuda*`. The driver is
/// `libcuda.so.1`, or what `tutti.cudaDriver.library` or `TUTTI_CUDA_DRIVER_LIBRARY` names.
public final class Cuda {
  /// System property that names the runtime.
  public static final String PROPERTY = "tutti.cuda.library";

  /// Environment variable that names the runtime.
  public static final String VARIABLE = "TUTTI_CUDA_LIBRARY";

  /// System property that names the driver.
  public static final String DRIVER_PROPERTY = "tutti.cudaDriver.library";

  /// Environment variable that names the driver.
  public static final String DRIVER_VARIABLE = "TUTTI_CUDA_DRIVER_LIBRARY";

  private static final Map<String, CudaRuntime> RUNTIMES = new ConcurrentHashMap<>();
  private static final Map<String, CudaDriver> DRIVERS = new ConcurrentHashMap<>();

  private Cuda() {}

  /// Returns the runtime; the same object each time for the same file. There may be no driver or no
  /// device all the same: [CudaRuntime#deviceCount] tells.
  ///
  /// @throws LibraryNotFoundException if there is none; lists the places searched
  public static CudaRuntime runtime() {
    var library =
        new LibrarySearch(
                "CUDA's runtime",
                PROPERTY,
                VARIABLE,
                List.of("libcudart.so.12", "libcudart.so.13", "libcudart.so.11.0", "libcudart.so"),
                folders(System.getenv()),
                CudaCalls.REQUIRED,
                "it comes with the CUDA toolkit, or pip's nvidia-cuda-runtime")
            .open();
    return RUNTIMES.computeIfAbsent(library.place(), _ -> new CudaRuntime(library));
  }

  /// Returns the driver, initialised; the same object each time for the same file.
  ///
  /// @throws LibraryNotFoundException if there is none; lists the places searched
  /// @throws dev.tutti.bindings.NativeCallException if it does not start
  public static CudaDriver driver() {
    var library =
        new LibrarySearch(
                "CUDA's driver",
                DRIVER_PROPERTY,
                DRIVER_VARIABLE,
                List.of("libcuda.so.1", "libcuda.so"),
                List.of("/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64"),
                CudaDriver.REQUIRED,
                "it comes with NVIDIA's driver")
            .open();
    return DRIVERS.computeIfAbsent(library.place(), _ -> CudaDriver.start(library));
  }

  static List<String> folders(Map<String, String> environment) {
    List<String> below = List.of("lib64", "lib");
    List<String> folders =
        new ArrayList<>(
            LibraryFolders.ofVariables(environment, List.of("CUDA_HOME", "CUDA_PATH"), below));
    folders.addAll(
        LibraryFolders.ofPythonPackages(
            environment, List.of("nvidia/cuda_runtime/lib", "nvidia/cu13/lib")));
    for (Path toolkit : LibraryFolders.matches(Path.of("/usr/local"), "cuda*")) {
      below.forEach(folder -> folders.add(toolkit.resolve(folder).toString()));
    }
    return folders;
  }
}
