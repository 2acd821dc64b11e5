package dev.tutti.bindings;

import java.io.Serial;

/// Says that a native function failed: which one, with which arguments, and with which error.
///
/// The message reads `mmap(bytes=65536, fd=7) failed: ENOMEM (12)`, and goes on with what the
/// library itself says of its last error where it does. The call has had no effect unless the
/// method that throws says otherwise.
public final class NativeCallException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final String function;
  private final String arguments;
  private final int errorNumber;
  private final String errorName;
  private final String detail;

  /// Creates the exception for one failed call.
  ///
  /// @param function the C function, for example `mmap`
  /// @param arguments the arguments that matter, as `name=value` pairs; empty if none does
  /// @param errorNumber the error as the library numbers it; `errno` for libc
  /// @param errorName the library's name of that number, for example `ENOMEM`
  public NativeCallException(String function, String arguments, int errorNumber, String errorName) {
    this(function, arguments, errorNumber, errorName, "");
  }

  /// Creates the exception for one failed call of which the library says more.
  ///
  /// @param function the C function
  /// @param arguments the arguments that matter, as `name=value` pairs; empty if none does
  /// @param errorNumber the error as the library numbers it
  /// @param errorName the library's name of that number
  /// @param detail the library's own words; empty if it has none
  public NativeCallException(
      String function, String arguments, int errorNumber, String errorName, String detail) {
    super(
        function
            + "("
            + arguments
            + ") failed: "
            + errorName
            + " ("
            + errorNumber
            + ")"
            + (detail.isEmpty() ? "" : ": " + detail));
    this.function = function;
    this.arguments = arguments;
    this.errorNumber = errorNumber;
    this.errorName = errorName;
    this.detail = detail;
  }

  /// The C function that failed.
  public String function() {
    return function;
  }

  /// The arguments that matter, as `name=value` pairs separated by commas.
  public String arguments() {
    return arguments;
  }

  /// The error as the library numbers it.
  public int errorNumber() {
    return errorNumber;
  }

  /// The library's name of [#errorNumber()].
  public String errorName() {
    return errorName;
  }

  /// The library's own words of its last error; empty if it has none.
  public String detail() {
    return detail;
  }
}
