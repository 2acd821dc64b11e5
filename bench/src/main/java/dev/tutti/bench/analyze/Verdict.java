package dev.tutti.bench.analyze;

import java.util.Locale;

/// What can be wrong with a communicator, worst evidence first.
public enum Verdict {
  /// Ranks called different things in the same place of the order.
  MISMATCH,
  /// A rank left no dump.
  MISSING,
  /// A rank has not entered an operation in which others wait for it.
  BEHIND,
  /// A rank is in an operation in which others wait for it, and waits for nobody.
  STUCK,
  /// Ranks wait for one another in a circle.
  DEADLOCK,
  /// A rank failed for a reason of its own.
  FAILED,
  /// A rank comes late again and again.
  STRAGGLER,
  /// Two ranks exchange data much more slowly than others.
  SLOW_LINK,
  /// Nothing is wrong as far as the dumps tell.
  CONSISTENT;

  /// Returns the name for people and files: `slow-link`.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
