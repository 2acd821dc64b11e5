package dev.tutti.topology.format;

import org.jspecify.annotations.Nullable;

/// Numbers as files write them.
final class Numbers {
  private Numbers() {}

  /// Returns a whole number, decimal or with `0x`; null if the text is none that fits.
  static @Nullable Integer integer(@Nullable String text) {
    Long value = whole(text);
    return value == null || value != value.intValue() ? null : Integer.valueOf(value.intValue());
  }

  /// Returns a whole number, decimal or with `0x`; null if the text is none that fits.
  static @Nullable Long whole(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String digits = text.strip();
    try {
      return digits.startsWith("0x") || digits.startsWith("0X")
          ? Long.valueOf(Long.parseUnsignedLong(digits.substring(2), 16))
          : Long.valueOf(digits);
    } catch (NumberFormatException _) {
      return null;
    }
  }

  /// Returns a number that is finite; null if the text is none.
  static @Nullable Double number(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      double value = Double.parseDouble(text.strip());
      return Double.isFinite(value) ? Double.valueOf(value) : null;
    } catch (NumberFormatException _) {
      Long value = whole(text);
      return value == null ? null : Double.valueOf(value.doubleValue());
    }
  }
}
