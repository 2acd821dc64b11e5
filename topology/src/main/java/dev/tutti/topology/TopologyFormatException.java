package dev.tutti.topology;

/// A file that cannot be read as what it claims to be.
///
/// The message names the file, the line and the element, and says what was expected.
public final class TopologyFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final int line;

  /// Makes an exception.
  ///
  /// @param file name of the file
  /// @param line line in the file from 1, 0 if the file as a whole is meant
  /// @param column column in the line from 1, 0 if the line as a whole is meant
  /// @param message what was found and what was expected
  public TopologyFormatException(String file, int line, int column, String message) {
    super(place(file, line, column) + ": " + message);
    this.file = file;
    this.line = line;
  }

  /// Returns `file:line:column`, without what is unknown.
  public static String place(String file, int line, int column) {
    return file + (line > 0 ? ":" + line + (column > 0 ? ":" + column : "") : "");
  }

  /// Returns the name of the file.
  public String file() {
    return file;
  }

  /// Returns the line from 1, 0 if the file as a whole is meant.
  public int line() {
    return line;
  }
}
