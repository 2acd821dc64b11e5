package dev.tutti.bindings;

import dev.tutti.bindings.library.LibraryFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Finds the folders in which vendors' headers may lie.
public final class VendorHeaders {
  private VendorHeaders() {}

  /// Returns an option of the compiler for each folder that is there.
  ///
  /// @param packages folders of headers below those of Python's packages
  public static String[] options(String... packages) {
    Map<String, String> environment = System.getenv();
    List<String> folders =
        new ArrayList<>(
            LibraryFolders.ofVariables(
                environment,
                List.of("NCCL_HOME", "NCCL_ROOT", "CUDA_HOME", "CUDA_PATH", "ASCEND_HOME_PATH"),
                List.of("include")));
    folders.addAll(LibraryFolders.ofPythonPackages(environment, List.of(packages)));
    LibraryFolders.matches(Path.of("/usr/local"), "cuda*")
        .forEach(toolkit -> folders.add(toolkit.resolve("include").toString()));
    folders.add("/usr/local/Ascend/ascend-toolkit/latest/include");
    return folders.stream()
        .filter(folder -> Files.isDirectory(Path.of(folder)))
        .map("-I"::concat)
        .toArray(String[]::new);
  }
}
