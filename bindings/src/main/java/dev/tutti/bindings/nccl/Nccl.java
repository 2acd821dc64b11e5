package dev.tutti.bindings.nccl;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.library.LibraryFolders;
import dev.tutti.bindings.library.LibrarySearch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Finds NCCL.
///
/// It is what the system property `tutti.nccl.library` or else the environment variable
/// `TUTTI_NCCL_LIBRARY` names (`none` keeps it from being used), or `libnccl.so.2` as the dynamic
/// linker finds it (in `LD_LIBRARY_PATH` first), below `NCCL_HOME`, `NCCL_ROOT`, `CUDA_HOME` or
/// `CUDA_PATH`, among the packages of Python (the wheels `nvidia-nccl-cu12` and `-cu13` bring it
/// along), or in the usual folders of CUDA.
public final class Nccl {
  /// System property that names the library.
  public static final String PROPERTY = "tutti.nccl.library";

  /// Environment variable that names the library.
  public static final String VARIABLE = "TUTTI_NCCL_LIBRARY";

  private static final Map<String, NcclLibrary> OPEN = new ConcurrentHashMap<>();

  private Nccl() {}

  /// Returns the library; the same object each time for the same file.
  ///
  /// @throws LibraryNotFoundException if there is none of version 2.19 or newer; lists the places
  ///   searched
  public static NcclLibrary open() {
    LibrarySearch search =
        new LibrarySearch(
            "NCCL",
            PROPERTY,
            VARIABLE,
            List.of("libnccl.so.2", "libnccl.so"),
            folders(System.getenv()),
            Arrays.stream(NcclFunction.values())
                .filter(NcclFunction::isBase)
                .map(NcclFunction::symbol)
                .toList(),
            "it comes from NVIDIA (libnccl2, or pip's nvidia-nccl-cu12), version 2.19 or newer");
    var library = search.open();
    return OPEN.computeIfAbsent(library.place(), _ -> new NcclLibrary(library));
  }

  static List<String> folders(Map<String, String> environment) {
    List<String> below = List.of("lib", "lib64");
    List<String> folders =
        new ArrayList<>(
            LibraryFolders.ofVariables(
                environment, List.of("NCCL_HOME", "NCCL_ROOT", "CUDA_HOME", "CUDA_PATH"), below));
    folders.addAll(LibraryFolders.ofPythonPackages(environment, List.of("nvidia/nccl/lib")));
    folders.addAll(List.of("/usr/local/nccl/lib", "/usr/local/cuda/lib64"));
    return folders;
  }
}
