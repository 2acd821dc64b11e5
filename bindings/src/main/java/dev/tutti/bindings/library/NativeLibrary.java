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

  /// Returns the address of a function, null if this version of the library lacks it.
  public @Nullable MemorySegment optional(String name) {
    return symbols.find(name).orElse(null);
  }
}
