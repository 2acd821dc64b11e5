package dev.tutti.bench.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A library that Tutti is compared with.
public enum PeerLibrary {
  /// Open MPI.
  OPENMPI("mpicc.openmpi", "mpirun.openmpi", "", "openmpi-bin libopenmpi-dev", "mpi_bench.c"),
  /// MPICH.
  MPICH("mpicc.mpich", "mpiexec.mpich", "", "mpich libmpich-dev", "mpi_bench.c"),
  /// Gloo, over TCP.
  GLOO("g++", "", "gloo/allreduce.h", "g++ libgloo-dev", "gloo_bench.cc"),
  /// iperf3, which sends one way over TCP.
  IPERF3("", "iperf3", "", "iperf3", "");

  private static final List<Path> INCLUDES =
      List.of(Path.of("/usr/include"), Path.of("/usr/local/include"));

  private final String compiler;
  private final String launcher;
  private final String header;
  private final String debianPackages;
  private final String source;

  PeerLibrary(
      String compiler, String launcher, String header, String debianPackages, String source) {
    this.compiler = compiler;
    this.launcher = launcher;
    this.header = header;
    this.debianPackages = debianPackages;
    this.source = source;
  }

  /// Returns the name on the command line and in reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Returns the Debian packages that bring it.
  public String debianPackages() {
    return debianPackages;
  }

  /// Returns whether its compiler, launcher and headers are here.
  public boolean isInstalled() {
    return (compiler.isEmpty() || find(compiler) != null)
        && (launcher.isEmpty() || find(launcher) != null)
        && (header.isEmpty()
            || INCLUDES.stream().anyMatch(folder -> Files.exists(folder.resolve(header))));
  }

  String launcher() {
    return launcher;
  }

  /// Returns the variable in which its launcher tells a process its rank.
  String rankVariable() {
    return switch (this) {
      case OPENMPI -> "OMPI_COMM_WORLD_RANK";
      case MPICH -> "PMI_RANK";
      case GLOO, IPERF3 -> "TUTTI_RANK";
    };
  }

  /// Returns whether it is measured by a program of ours, which must be built.
  boolean isBuilt() {
    return !source.isEmpty();
  }

  /// Returns the file name of the measuring program's source.
  String source() {
    return source;
  }

  /// Returns the file name of the measuring program.
  String program() {
    return source.substring(0, source.indexOf('.')) + "." + label();
  }

  /// Returns the command that compiles the measuring program.
  List<String> compilation(Path sourceFile, Path programFile) {
    List<String> common =
        List.of(
            compiler, "-O3", "-march=native", "-o", programFile.toString(), sourceFile.toString());
    if (this != GLOO) {
      return common;
    }
    return java.util.stream.Stream.concat(
            common.stream(), java.util.stream.Stream.of("-std=c++20", "-lgloo", "-lpthread"))
        .toList();
  }

  static @Nullable Path find(String command) {
    String path = System.getenv("PATH");
    if (path == null) {
      return null;
    }
    for (String folder : path.split(":")) {
      Path file = Path.of(folder, command);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }
}
