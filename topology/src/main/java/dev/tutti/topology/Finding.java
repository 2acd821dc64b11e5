package dev.tutti.topology;

import java.util.Objects;

/// Something that is odd about a topology or the file it was read from, and does not stop its use.
///
/// @param severity how much it matters
/// @param place where: `file.xml:12:5`, a node, a link
/// @param message what was found and what was expected
public record Finding(Severity severity, String place, String message) {
  /// How much a finding matters.
  public enum Severity {
    /// Worth knowing: something is missing or unknown, and was left out.
    NOTE,
    /// Probably wrong: a one-sided link, contradicting numbers, a missing peer.
    WARNING
  }

  /// Checks.
  public Finding {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(message, "message");
  }

  /// Makes a warning.
  public static Finding warning(String place, String message) {
    return new Finding(Severity.WARNING, place, message);
  }

  /// Makes a note.
  public static Finding note(String place, String message) {
    return new Finding(Severity.NOTE, place, message);
  }

  /// Returns `place: warning: message`.
  @Override
  public String toString() {
    return place + ": " + (severity == Severity.WARNING ? "warning: " : "note: ") + message;
  }
}
