package dev.tutti.bindings.ucx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.LibraryNotFoundException;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds and loads libucp, once per process and only when asked.
final class UcxLibrary {
  static final String PROPERTY = "tutti.ucxLibrary";
  static final String VARIABLE = "TUTTI_UCX_LIBRARY";

  private static final String NAME = "libucp.so.0";
  private static final List<String> NEWEST_FUNCTIONS =
      List.of("ucp_tag_msg_recv_nbx", "ucp_tag_send_sync_nbx", "ucp_ep_close_nbx");
  private static final Map<String, String> ENVIRONMENT =
      Map.of("UCX_ERROR_SIGNALS", "", "UCX_LOG_FILE", "stderr", "UCX_LOG_LEVEL", "fatal");
  private static final String REMEDY =
      "install UCX 1.13 or newer (Debian: libucx0), or name the library in "
          + VARIABLE
          + " or -D"
          + PROPERTY;

  private static @Nullable Path loaded;

  private UcxLibrary() {}

  /// Loads the library unless that is done; returns its file.
  ///
  /// @throws LibraryNotFoundException if there is none that can be used
  static synchronized Path load() {
    Path file = loaded;
    if (file == null) {
      String wanted = System.getProperty(PROPERTY, System.getenv(VARIABLE));
      file = find(wanted == null || wanted.isEmpty() ? places() : List.of(wanted));
      // The generated code looks in the libraries of its class loader.
      System.load(file.toString());
      loaded = file;
    }
    return file;
  }

  /// Returns the usual places: whatever the dynamic linker finds, then folders it may not know.
  static List<String> places() {
    Set<String> folders = new LinkedHashSet<>();
    String path = System.getProperty("java.library.path", "");
    Stream.of(path.split(File.pathSeparator)).filter(f -> !f.isEmpty()).forEach(folders::add);
    String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    folders.addAll(
        List.of(
            "/usr/lib/" + machine + "-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib64",
            "/usr/local/lib",
            "/opt/ucx/lib",
            "/opt/mellanox/ucx/lib"));
    List<String> places = new ArrayList<>();
    places.add(NAME);
    folders.forEach(f -> places.add(Path.of(f, NAME).toString()));
    return places;
  }

  /// Opens the first library that can be used and returns its file.
  ///
  /// @param places files, or names without a slash for the dynamic linker
  static Path find(List<String> places) {
    prepareEnvironment();
    List<String> searched = new ArrayList<>();
    List<String> unusable = new ArrayList<>();
    for (String place : places) {
      boolean isFile = place.indexOf('/') >= 0;
      if (isFile && !Files.exists(Path.of(place))) {
        searched.add(place + ": no such file");
        continue;
      }
      try {
        SymbolLookup library = SymbolLookup.libraryLookup(place, Arena.global());
        String missing = missing(library);
        if (missing == null) {
          return fileOf(library.findOrThrow("ucp_get_version"));
        }
        searched.add(place + ": too old, has no " + missing);
        unusable.add(searched.getLast());
      } catch (IllegalArgumentException e) {
        String where = isFile ? place : place + " as the dynamic linker finds it";
        searched.add(where + ": " + e.getMessage());
        if (isFile) {
          unusable.add(searched.getLast());
        }
      } catch (IOException e) {
        searched.add(place + ": " + e);
        unusable.add(searched.getLast());
      }
    }
    throw new LibraryNotFoundException("UCX", searched, unusable, REMEDY);
  }

  private static @Nullable String missing(SymbolLookup library) {
    for (String function : NEWEST_FUNCTIONS) {
      if (library.find(function).isEmpty()) {
        return function;
      }
    }
    return null;
  }

  /// Returns the file whose mapping holds an address.
  private static Path fileOf(MemorySegment symbol) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      int dash = line.indexOf('-');
      int blank = line.indexOf(' ');
      int slash = line.indexOf('/');
      if (slash >= 0
          && Long.parseUnsignedLong(line, 0, dash, 16) <= symbol.address()
          && symbol.address() < Long.parseUnsignedLong(line, dash + 1, blank, 16)) {
        return Path.of(line.substring(slash));
      }
    }
    throw new IOException("its file is not in /proc/self/maps");
  }

  /// Sets variables that UCX reads while it is loaded, unless the user has: it shall not take over
  /// SIGSEGV and others, which the JVM uses for its own ends, nor write to standard output, nor
  /// complain of peers that are gone, which its callers hear of by the status of their requests.
  private static void prepareEnvironment() {
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      for (Map.Entry<String, String> variable : ENVIRONMENT.entrySet()) {
        int _ =
            (int)
                setenv.invokeExact(
                    arena.allocateFrom(variable.getKey()),
                    arena.allocateFrom(variable.getValue()),
                    0);
      }
    } catch (Throwable t) {
      throw new AssertionError("a native method does not throw", t);
    }
  }
}
