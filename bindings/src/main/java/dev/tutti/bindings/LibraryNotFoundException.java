package dev.tutti.bindings;

import java.util.List;

/// Says that a native library is not there or cannot be used; lists every place that was searched.
public final class LibraryNotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // an immutable list of the JDK
  private final List<String> searched;

  /// Makes the exception.
  ///
  /// @param library what was looked for
  /// @param searched each place with what was wrong there
  /// @param remedy what to do about it
  public LibraryNotFoundException(String library, List<String> searched, String remedy) {
    super(library + " cannot be used: " + String.join("; ", searched) + "; " + remedy);
    this.searched = List.copyOf(searched);
  }

  /// Returns each place that was searched, with what was wrong there.
  public List<String> searched() {
    return searched;
  }
}
