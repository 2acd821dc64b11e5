package dev.tutti.collectives.schedule;

/// Thrown by [ScheduleText] and [ScheduleJson] for input that they cannot read.
public final class ScheduleFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;
  private final String expected;

  /// Makes an exception.
  ///
  /// @param line line of the offending text, from 1
  /// @param column column of the offending text, from 1
  /// @param expected what should stand there
  /// @param found what stands there
  public ScheduleFormatException(int line, int column, String expected, String found) {
    super("line " + line + " column " + column + ": expected " + expected + ", found " + found);
    this.line = line;
    this.column = column;
    this.expected = expected;
  }

  /// Returns the line of the offending text, from 1.
  public int line() {
    return line;
  }

  /// Returns the column of the offending text, from 1.
  public int column() {
    return column;
  }

  /// Returns what should stand there.
  public String expected() {
    return expected;
  }
}
