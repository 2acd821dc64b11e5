package dev.tutti.bench.report;

import java.util.Locale;

/// Numbers as people read them.
public final class Figures {
  private Figures() {}

  /// Returns a time with four significant digits: `0.183`, `12.34`, `123.4`, `42067`.
  public static String micros(double value) {
    String format = value < 10 ? "%.3f" : value < 100 ? "%.2f" : value < 1000 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, value);
  }

  /// Returns a time with three significant digits: `0.18`, `12.3`, `123`, `42067`.
  public static String shortMicros(double value) {
    String format = value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, value);
  }

  /// Returns a bandwidth with two decimals.
  public static String bandwidth(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /// Returns a percentage: `85.3`, `0.4`.
  public static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /// Returns a ratio: `1.24x`, `0.07x`, `35.2x`, `421x`.
  public static String ratio(double value) {
    String format = value < 10 ? "%.2fx" : value < 100 ? "%.1fx" : "%.0fx";
    return String.format(Locale.ROOT, format, value);
  }
}
