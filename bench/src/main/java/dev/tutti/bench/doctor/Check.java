package dev.tutti.bench.doctor;

import java.util.List;
import java.util.Locale;

/// One thing that was looked for.
///
/// @param name what it is called
/// @param status how it went
/// @param isNeeded whether Tutti needs it by itself, on any host
/// @param found what was found: file, version, size; or what was wrong
/// @param advice what to do, empty if nothing is to be done
/// @param details more of it, for who wants to know: the places searched, what a version lacks
public record Check(
    String name,
    Status status,
    boolean isNeeded,
    String found,
    String advice,
    List<String> details) {

  /// How a check went.
  public enum Status {
    /// It is there and works.
    OK,
    /// It is not there.
    MISSING,
    /// It is there and does not work.
    BROKEN;

    /// Returns the name for people and machines: lower case.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Copies.
  public Check {
    details = List.copyOf(details);
  }

  static Check ok(String name, String found) {
    return new Check(name, Status.OK, false, found, "", List.of());
  }

  static Check missing(String name, String found, String advice) {
    return new Check(name, Status.MISSING, false, found, advice, List.of());
  }

  static Check broken(String name, String found, String advice) {
    return new Check(name, Status.BROKEN, false, found, advice, List.of());
  }

  /// Returns this check as one of what Tutti needs by itself.
  Check needed() {
    return new Check(name, status, true, found, advice, details);
  }

  Check withAdvice(String newAdvice) {
    return new Check(name, status, isNeeded, found, newAdvice, details);
  }

  Check withDetails(List<String> newDetails) {
    return new Check(name, status, isNeeded, found, advice, newDetails);
  }

  /// Returns whether Tutti cannot work because of it.
  public boolean isFailure() {
    return isNeeded && status != Status.OK;
  }
}
