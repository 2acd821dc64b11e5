package dev.tutti.bindings.library;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Handles for the calls of a data path.
///
/// They take the function's address as their first argument, a segment, so that one handle in a
/// static final field, which the compiler folds, serves every library of an interface. All other
/// pointers are `long`, so that no segment is made per call.
public final class Downcalls {
  private Downcalls() {}

  /// Links calls of one form. Takes about 10 ms the first time, so it belongs into a class that is
  /// initialised on first use.
  ///
  /// @param descriptor as jextract generated it
  /// @param options such as `Linker.Option.critical`
  public static MethodHandle link(FunctionDescriptor descriptor, Linker.Option... options) {
    return Linker.nativeLinker().downcallHandle(withLongs(descriptor), options);
  }

  /// Returns a descriptor with addresses as `long`.
  public static FunctionDescriptor withLongs(FunctionDescriptor descriptor) {
    MemoryLayout[] arguments =
        descriptor.argumentLayouts().stream()
            .map(Downcalls::addressAsLong)
            .toArray(MemoryLayout[]::new);
    Optional<MemoryLayout> result = descriptor.returnLayout().map(Downcalls::addressAsLong);
    return result.isPresent()
        ? FunctionDescriptor.of(result.get(), arguments)
        : FunctionDescriptor.ofVoid(arguments);
  }

  private static MemoryLayout addressAsLong(MemoryLayout layout) {
    return layout instanceof AddressLayout ? JAVA_LONG : layout;
  }

  /// Returns what to throw where a handle threw: a function that is null, a mistake here, or the
  /// end of the memory.
  public static RuntimeException unexpected(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException exception
        ? exception
        : new IllegalStateException("a native method does not throw", t);
  }
}
