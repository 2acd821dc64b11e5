package dev.tutti.bindings;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// A library of `src/test/native` that acts as a vendor's, and what it noted.
public final class FakeLibrary {
  private final Path file;
  private final SymbolLookup symbols;

  private FakeLibrary(Path file) {
    this.file = file;
    this.symbols = SymbolLookup.libraryLookup(file, Arena.global());
  }

  /// Compiles a library; skips the test if there is no compiler.
  ///
  /// @param source name of the file in `src/test/native`, without `.c`
  /// @param options such as `-DNAME`
  public static FakeLibrary compile(Path folder, String source, String... options)
      throws Exception {
    Path code = Path.of("src/test/native", source + ".c");
    assumeTrue(Files.exists(code), "not run in the folder of the module");
    CCompiler compiler = CCompiler.assume(folder, "#include <stdio.h>\n", "C library");
    String name = source + String.join("", options).replaceAll("[^A-Za-z0-9]", "_");
    return new FakeLibrary(compiler.library(name, Files.readString(code), options));
  }

  /// Returns its file.
  public Path file() {
    return file;
  }

  /// Calls a function that returns a text.
  public String text(String function) {
    MethodHandle handle = link(function, FunctionDescriptor.of(ValueLayout.ADDRESS));
    MemorySegment text = (MemorySegment) invoke(handle);
    return text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /// Calls a function that returns a number.
  public int number(String function) {
    return (int) invoke(link(function, FunctionDescriptor.of(ValueLayout.JAVA_INT)));
  }

  /// Links another function.
  public MethodHandle link(String function, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(function), descriptor);
  }

  private static Object invoke(MethodHandle handle) {
    try {
      return handle.invoke();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
