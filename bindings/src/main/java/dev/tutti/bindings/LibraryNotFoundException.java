package dev.tutti.bindings;

import java.util.List;

/// Says that a native library is not there or cannot be used; lists every place that was searched.
public final class LibraryNotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // an immutable list of the JDK
  private final List<String> searched;

  @SuppressWarnings("serial") // an immutable list of the JDK
  private final List<String> unusable;

  private final String remedy;

  /// Makes the exception for a library of which there is no trace.
  ///
  /// @param library what was looked for
  /// @param searched each place with what was wrong there
  /// @param remedy what to do about it
  public LibraryNotFoundException(String library, List<String> searched, String remedy) {
    this(library, searched, List.of(), remedy);
  }

  /// Makes the exception.
  ///
  /// @param library what was looked for
  /// @param searched each place with what was wrong there
  /// @param unusable those of them that have a library which cannot be used, or were asked for by
  ///   name
  /// @param remedy what to do about it
  public LibraryNotFoundException(
      String library, List<String> searched, List<String> unusable, String remedy) {
    super(library + " cannot be used: " + String.join("; ", searched) + "; " + remedy);
    this.searched = List.copyOf(searched);
    this.unusable = List.copyOf(unusable);
    this.remedy = remedy;
  }

  /// Returns each place that was searched, with what was wrong there.
  public List<String> searched() {
    return searched;
  }

  /// Returns the places that have a library which cannot be used, or that somebody named, with what
  /// was wrong there. Empty if the library is merely absent.
  public List<String> unusable() {
    return unusable;
  }

  /// Returns what to do about it.
  public String remedy() {
    return remedy;
  }
}
