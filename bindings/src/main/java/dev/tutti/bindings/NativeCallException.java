package dev.tutti.bindings;

import java.io.Serial;

/// Says that a native function failed: which one, with which arguments, and with which error.
///
/// The message reads `mmap(bytes=65536, fd=7) failed: ENOMEM (12)`. The call has had no effect
/// unless the method that throws says otherwise.
public final class NativeCallException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final String function;
  private final String arguments;
  private final int errorNumber;
  private final String errorName;

  /// Creates the exception for one failed call.
  ///
  /// @param function the C function, for example `mmap`
  /// @param arguments the arguments that matter, as `name=value` pairs; empty if none does
  /// @param errorNumber the error as the library numbers it; `errno` for libc
  /// @param errorName the library's name of that number, for example `ENOMEM`
  public NativeCallException(String function, String arguments, int errorNumber, String errorName) {
    super(function + "(" + arguments + ") failed: " + errorName + " (" + errorNumber + ")");
    this.function = function;
    this.arguments = arguments;
    this.errorNumber = errorNumber;
    this.errorName = errorName;
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
}
