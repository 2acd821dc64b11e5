package dev.tutti.bench.compare;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The measuring programs of the peers: built from `bench/peers` when they are first needed, and
/// kept.
public final class PeerPrograms {
  private final Path sources;
  private final Path programs;

  /// Names the folders.
  ///
  /// @param sources where the sources are
  /// @param programs where the programs are kept
  public PeerPrograms(Path sources, Path programs) {
    this.sources = sources;
    this.programs = programs;
  }

  /// Finds the sources beside this program and a place for what is built: beside it too, or in the
  /// user's cache folder if that is not writable.
  ///
  /// @throws IOException if there are no sources
  public static PeerPrograms find() throws IOException {
    Path sources = sources();
    if (sources == null) {
      throw new IOException(
          "the folder bench/peers with the peers' measuring programs is not beside this program;"
              + " run tutti from its source folder");
    }
    Path beside = sources.resolveSibling("target");
    Path programs = Files.isWritable(beside) ? beside.resolve("peers") : cache();
    Files.createDirectories(programs);
    return new PeerPrograms(sources, programs);
  }

  private static Path cache() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path folder =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return folder.resolve("tutti").resolve("peers");
  }

  private static @Nullable Path sources() {
    String home = System.getProperty("tutti.home");
    if (home != null) {
      Path peers = Path.of(home, "bench", "peers");
      if (Files.isDirectory(peers)) {
        return peers;
      }
    }
    CodeSource code = PeerPrograms.class.getProtectionDomain().getCodeSource();
    if (code == null) {
      return null;
    }
    try {
      // bench/target/tutti.jar or bench/target/classes
      Path target = Path.of(code.getLocation().toURI()).getParent();
      Path module = target == null ? null : target.getParent();
      Path peers = module == null ? null : module.resolve("peers");
      return peers != null && Files.isDirectory(peers) ? peers : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /// Returns a peer's program, built if it is missing or older than its source.
  ///
  /// @throws IOException if it cannot be built; the message has the compiler's words
  public Path program(PeerLibrary peer) throws IOException, InterruptedException {
    if (!peer.isBuilt()) {
      Path program = PeerLibrary.find(peer.launcher());
      if (program == null) {
        throw new IOException(peer.launcher() + " is not in the path");
      }
      return program;
    }
    return build(peer.source(), peer.program(), peer::compilation);
  }

  /// Returns the library that sets the congestion control of connections, built as programs are.
  ///
  /// @throws IOException if it cannot be built
  public Path congestionLibrary() throws IOException, InterruptedException {
    return build(
        "congestion.c",
        "libcongestion.so",
        (source, library) ->
            List.of(
                "gcc",
                "-O2",
                "-shared",
                "-fPIC",
                "-o",
                library.toString(),
                source.toString(),
                "-ldl"));
  }

  private Path build(
      String sourceName, String programName, BiFunction<Path, Path, List<String>> compilation)
      throws IOException, InterruptedException {
    Path source = sources.resolve(sourceName);
    Path program = programs.resolve(programName);
    if (Files.isExecutable(program)
        && Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) >= 0) {
      return program;
    }
    // Another process may be building or running the same one: build aside, then move.
    Path fresh = programs.resolve(programName + "." + ProcessHandle.current().pid());
    Process compiler =
        new ProcessBuilder(compilation.apply(source, fresh)).redirectErrorStream(true).start();
    String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0) {
      throw new IOException("cannot build " + source + ":\n" + output);
    }
    return Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
  }
}
