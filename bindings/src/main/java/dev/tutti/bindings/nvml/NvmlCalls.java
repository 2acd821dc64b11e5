package dev.tutti.bindings.nvml;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.library.NativeLibrary;
import dev.tutti.bindings.nvml.generated.LibNvml;
import dev.tutti.bindings.nvml.generated.nvmlErrorString_call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Calls of NVML with the patterns that many of its functions share.
///
/// @param library the library
record NvmlCalls(NativeLibrary library) {
  private static final int TEXT_BYTES = 128;

  /// A function that writes something about a device to memory.
  interface Query {
    int call(MemorySegment function, MemorySegment device, MemorySegment out);
  }

  /// A function that writes a text about a device to memory of a given length.
  interface TextQuery {
    int call(MemorySegment function, MemorySegment device, MemorySegment out, int length);
  }

  /// Throws unless a call was successful.
  void check(int result, String function, String arguments) {
    if (result != LibNvml.NVML_SUCCESS()) {
      throw new NativeCallException(function, arguments, result, text(result));
    }
  }

  /// Returns what a result means, in NVML's words.
  String text(int result) {
    MemorySegment function = library.optional("nvmlErrorString");
    return function == null ? "error" : nvmlErrorString_call.invoke(function, result).getString(0);
  }

  /// Asks for a number; null if this library or device does not tell.
  @Nullable Integer number(String function, MemorySegment device, Query query) {
    MemorySegment address = library.optional(function);
    if (address == null) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      int result = query.call(address, device, out);
      return result == LibNvml.NVML_SUCCESS() ? out.get(ValueLayout.JAVA_INT, 0) : null;
    }
  }

  /// Asks for a text; null if this library or device does not tell.
  @Nullable String text(String function, MemorySegment device, TextQuery query) {
    MemorySegment address = library.optional(function);
    if (address == null) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(TEXT_BYTES);
      int result = query.call(address, device, out, TEXT_BYTES - 1); // memory is zero behind it
      return result == LibNvml.NVML_SUCCESS() ? out.getString(0) : null;
    }
  }
}
