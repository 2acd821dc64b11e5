package dev.tutti.bindings.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Tutti's own native kernels, `collectives/src/main/native`: reductions that store past the cache.
///
/// The library is a resource that whoever owns it hands to [#load]. Everything else may be called
/// only after that has returned true.
public final class NativeKernels {
  /// Element type: 8-bit integer, of either sign.
  public static final int INT8 = 0;

  /// Element type: 32-bit integer, of either sign.
  public static final int INT32 = 1;

  /// Element type: 64-bit integer, of either sign.
  public static final int INT64 = 2;

  /// Element type: IEEE 754 binary32.
  public static final int FLOAT32 = 3;

  /// Element type: IEEE 754 binary64.
  public static final int FLOAT64 = 4;

  /// Element type: bfloat16, summed in binary32 and rounded once.
  public static final int BFLOAT16 = 5;

  /// Most sources of one call.
  public static final int MAX_SOURCES = 8;

  /// Alignment of the targets and unit of the length, in bytes.
  public static final int LINE_BYTES = 64;

  private static volatile @Nullable SymbolLookup lookup;

  private NativeKernels() {}

  /// Loads the library from its content; returns whether it is usable on this machine.
  ///
  /// The content goes through an anonymous file in memory, so nothing is left behind on disk.
  @SuppressWarnings("restricted") // loading native code is what this module is for
  public static synchronized boolean load(InputStream library) {
    if (lookup == null) {
      int fd = -1;
      try {
        fd = Linux.memfdCreate("tutti_kernels", LinuxConstants.MFD_CLOEXEC);
        String file = "/proc/self/fd/" + fd;
        try (OutputStream out = Files.newOutputStream(Path.of(file))) {
          library.transferTo(out);
        }
        // By name: as a Path it would be resolved to what the link says, which is no file.
        lookup = SymbolLookup.libraryLookup(file, Arena.global());
      } catch (IOException | NativeCallException | IllegalArgumentException e) {
        return false;
      } finally {
        if (fd >= 0) {
          Linux.close(fd);
        }
      }
    }
    return streamWidth() > 0;
  }

  private static final class Width {
    static final MethodHandle HANDLE =
        link("tutti_stream_width", FunctionDescriptor.of(JAVA_INT), Linker.Option.critical(false));
  }

  /// Returns the bytes of the widest vector that [#streamReduce] can use here; 0 means it cannot
  /// run.
  public static int streamWidth() {
    try {
      return (int) Width.HANDLE.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  // Not critical: a call moves up to a whole collective's data and would hold up safepoints. The
  // transition of an ordinary call costs 7 ns.
  private static final class StreamReduce {
    static final MethodHandle HANDLE =
        link(
            "tutti_stream_reduce",
            FunctionDescriptor.of(
                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  }

  /// Writes `(sum over the sources) / divisor` to every target with non-temporal stores, complete
  /// when the call returns. Integers are not divided, floats only if `divisor` is above one.
  ///
  /// @param width bytes of vector to use: 16, 32 or 64, at most [#streamWidth()]
  /// @param type one of the element types above
  /// @param addresses address of `targetCount` longs, the targets, and `sourceCount` more, the
  ///   sources; a target is aligned to [#LINE_BYTES] and may be a source
  /// @param bytes length of each range, a multiple of [#LINE_BYTES]
  /// @return 0, or -1 if the combination is not supported and nothing was written
  public static int streamReduce(
      int width,
      int type,
      long addresses,
      int targetCount,
      int sourceCount,
      long bytes,
      int divisor) {
    try {
      return (int)
          StreamReduce.HANDLE.invokeExact(
              width, type, addresses, targetCount, sourceCount, bytes, divisor);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  @SuppressWarnings("restricted") // the function is ours and has this signature
  private static MethodHandle link(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    SymbolLookup loaded = lookup;
    if (loaded == null) {
      throw new IllegalStateException("the library of native kernels is not loaded");
    }
    return Linker.nativeLinker().downcallHandle(loaded.findOrThrow(name), descriptor, options);
  }

  private static AssertionError unexpected(Throwable t) {
    return new AssertionError("a native method does not throw", t);
  }
}
