package dev.tutti.bindings.library;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Folders in which vendors' libraries lie though the dynamic linker does not know them: those of
/// Python's packages, which bring libraries along, and those that variables name.
public final class LibraryFolders {
  private static final List<String> PYTHON_ROOTS =
      List.of("/usr/local", "/usr", "/opt/conda", "/opt/venv");

  private LibraryFolders() {}

  /// Returns the folders that exist under each place where Python keeps packages.
  ///
  /// @param environment variables of the process
  /// @param packages folders relative to such a place, such as `nvidia/nccl/lib`, best first
  public static List<String> ofPythonPackages(
      Map<String, String> environment, List<String> packages) {
    Set<Path> places = new LinkedHashSet<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      sitePackages(environment.get(variable)).forEach(places::add);
    }
    split(environment.get("PYTHONPATH")).map(Path::of).forEach(places::add);
    String home = environment.get("HOME");
    if (home != null && !home.isEmpty()) {
      sitePackages(home + "/.local").forEach(places::add);
    }
    PYTHON_ROOTS.forEach(root -> sitePackages(root).forEach(places::add));
    return places.stream()
        .flatMap(place -> packages.stream().map(place::resolve))
        .filter(Files::isDirectory)
        .map(Path::toString)
        .toList();
  }

  private static List<Path> sitePackages(@Nullable String root) {
    if (root == null || root.isEmpty()) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    for (Path python : matches(Path.of(root, "lib"), "python3*")) {
      found.add(python.resolve("site-packages"));
      found.add(python.resolve("dist-packages"));
    }
    return found;
  }

  /// Returns the folders of `folder` whose names match, the last in alphabetical order first.
  ///
  /// @param glob as [Files#newDirectoryStream(Path, String)] takes it
  public static List<Path> matches(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
        entries.forEach(found::add);
      } catch (IOException e) {
        return List.of(); // not readable: nothing to be found there
      }
    }
    found.sort(Comparator.reverseOrder());
    return found;
  }

  /// Returns the folders of each variable that is set, with something appended to each.
  ///
  /// @param environment variables of the process
  /// @param variables names of variables that hold a folder or, joined by colons, several
  /// @param below relative folders, such as `lib64`
  public static List<String> ofVariables(
      Map<String, String> environment, Collection<String> variables, List<String> below) {
    return variables.stream()
        .flatMap(variable -> split(environment.get(variable)))
        .flatMap(root -> below.stream().map(b -> Path.of(root, b).toString()))
        .distinct()
        .toList();
  }

  private static Stream<String> split(@Nullable String folders) {
    return folders == null
        ? Stream.empty()
        : Stream.of(folders.split(File.pathSeparator)).filter(f -> !f.isEmpty());
  }
}
