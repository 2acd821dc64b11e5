package dev.tutti.bindings.sim;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `libtutti_sim`, which acts as NCCL, CUDA, HCCL and ACL over host memory: builds it where a C
/// compiler is, and sets its switches while a test runs.
///
/// A build is kept in `bindings/target/tutti-sim` under the hash of all that it was made of, so it
/// is made once for all modules and JVMs.
public final class TuttiSim {
  private static final String SOURCES = "src/test/native/tutti_sim";
  private static final String HEADERS = "src/main/headers";

  private TuttiSim() {}

  /// Returns the library; skips the test where it cannot be built.
  ///
  /// @param options for the C compiler, such as `-DTUTTI_SIM_NCCL_LEVEL=219` for a library that
  ///   lacks what came after NCCL 2.19
  public static Path library(String... options) {
    return built(options).resolve("libtutti_sim.so");
  }

  /// Returns the program that tests the library; skips the test where it cannot be built.
  static Path selfTest() {
    Path program = built().resolve("selftest");
    return locked(
        program.resolveSibling("lock"),
        () -> {
          if (!Files.exists(program)) {
            build(List.of("--selftest", program.resolveSibling("").toString()));
          }
          return program;
        });
  }

  /// Sets a switch of the library in this process, as `TUTTI_SIM_FAIL`; see its README.
  ///
  /// @param value null to go back to what the environment says
  public static void set(Path library, String key, @Nullable String value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment function =
          SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow("tutti_sim_set");
      MemorySegment text = value == null ? MemorySegment.NULL : arena.allocateFrom(value);
      int result =
          (int)
              Linker.nativeLinker()
                  .downcallHandle(function, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS))
                  .invokeExact(arena.allocateFrom(key), text);
      if (result != 0) {
        throw new IllegalArgumentException("libtutti_sim has no switch " + key);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// Returns the folder of a build.
  private static Path built(String... options) {
    Path module = module();
    String compiler = compiler();
    assumeTrue(!compiler.isEmpty(), "there is no C compiler cc to build libtutti_sim with");
    Path folder =
        module.resolve("target/tutti-sim").resolve(hash(module, compiler, List.of(options)));
    return locked(
        folder.resolve("lock"),
        () -> {
          if (!Files.exists(folder.resolve("libtutti_sim.so"))) {
            List<String> arguments = new ArrayList<>(List.of(folder.toString()));
            arguments.addAll(List.of(options));
            build(arguments);
          }
          return folder;
        });
  }

  /// The folder of the module `bindings`: this one, or a neighbour of it or of one above.
  private static Path module() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      for (Path module : List.of(at, at.resolve("bindings"))) {
        if (Files.exists(module.resolve(SOURCES).resolve("build.sh"))) {
          return module;
        }
      }
    }
    assumeTrue(false, "the sources of libtutti_sim are not above " + Path.of("").toAbsolutePath());
    throw new IllegalStateException("not reached");
  }

  private static String compiler() {
    try {
      Outcome outcome = run(List.of("cc", "--version"));
      return outcome.exitCode() == 0 ? outcome.output() : "";
    } catch (UncheckedIOException e) {
      return "";
    }
  }

  private static String hash(Path module, String compiler, List<String> options) {
    try (Stream<Path> sources = Files.walk(module.resolve(SOURCES));
        Stream<Path> headers = Files.list(module.resolve(HEADERS))) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((compiler + options).getBytes(StandardCharsets.UTF_8));
      for (Path file :
          Stream.concat(sources, headers).filter(Files::isRegularFile).sorted().toList()) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void build(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("sh", module().resolve(SOURCES) + "/build.sh"));
    command.addAll(arguments);
    Outcome outcome = run(command);
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed: " + outcome.output());
    }
  }

  private interface Making {
    Path make() throws IOException;
  }

  /// Keeps other JVMs from making the same at the same time, and other threads of this one.
  private static synchronized Path locked(Path lock, Making making) {
    try {
      Files.createDirectories(lock.resolveSibling(""));
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        assert held.isValid();
        return making.make();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Outcome run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(command + " was interrupted", e);
    }
  }

  record Outcome(int exitCode, String output) {}
}
