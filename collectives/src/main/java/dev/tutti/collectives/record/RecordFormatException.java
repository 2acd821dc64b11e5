package dev.tutti.collectives.record;

/// A file is not a record or dump of the expected form. The message continues the file's name: "has
/// version 2, expected 1".
public final class RecordFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Makes an exception.
  public RecordFormatException(String message) {
    super(message);
  }

  /// Returns the message, never null.
  public String text() {
    return String.valueOf(getMessage());
  }
}
