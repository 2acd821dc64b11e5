package dev.tutti.bench;

import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/// What was called, and when: for the heads of reports and for complaints.
final class Invocation {
  private Invocation() {}

  /// Returns the whole command line as it was typed, `tutti` first.
  static String words(CommandSpec spec) {
    return "tutti " + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
  }

  /// Returns the time of day to the second, ISO 8601 with the offset from UTC.
  static String date() {
    return OffsetDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /// Returns the usage error of a command that was called without one of its subcommands.
  static ParameterException missingCommand(CommandSpec spec) {
    return new ParameterException(
        spec.commandLine(), "missing a command: " + String.join(", ", spec.subcommands().keySet()));
  }
}
