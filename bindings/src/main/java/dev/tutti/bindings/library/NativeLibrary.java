package dev.tutti.bindings.library;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import org.jspecify.annotations.Nullable;

/// A library that was found and stays loaded as long as the process lives.
///
/// @param place where it was found: a file, or a name for the dynamic linker
/// @param symbols its functions
public record NativeLibrary(String place, SymbolLookup symbols) {
  /// Returns the address of a function that [LibrarySearch] required.
  public MemorySegment function(String name) {
    return symbols.findOrThrow(name);
  }

  /// Returns the address of a function that a caller has asked for.
  ///
  /// @throws UnsupportedOperationException if this library has none; names both
  public MemorySegment require(String name) {
    MemorySegment address = optional(name);
    if (address == null) {
      throw new UnsupportedOperationException(place + " has no " + name);
    }
    return address;
  }

  /// Returns the address of a function, null if this version of the library lacks it.
  public @Nullable MemorySegment optional(String name) {
    return symbols.find(name).orElse(null);
  }
}
