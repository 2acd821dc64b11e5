package dev.tutti.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Sizes in bytes as people write them: `4`, `64K`, `1M`, `2G`; K, M and G are 2^10, 2^20 and 2^30.
public final class Sizes {
  private Sizes() {}

  /// Returns the number of bytes that a word means.
  ///
  /// @throws IllegalArgumentException if it is not a size
  public static long parse(String word) {
    String text = word.strip().toUpperCase(Locale.ROOT);
    if (text.endsWith("IB")) {
      text = text.substring(0, text.length() - 2);
    } else if (text.endsWith("B")) {
      text = text.substring(0, text.length() - 1);
    }
    int shift = 0;
    if (!text.isEmpty()) {
      shift = 10 * ("KMGT".indexOf(text.charAt(text.length() - 1)) + 1);
    }
    String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
    try {
      return Math.multiplyExact(Long.parseUnsignedLong(digits.strip()), 1L << shift);
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + word + "' is not a size; write bytes with K, M or G, for example 4, 64K or 1M", e);
    }
  }

  /// Returns a size as people write it, for example `64K`, exactly.
  public static String format(long bytes) {
    int unit = 0;
    long value = bytes;
    while (value >= 1024 && value % 1024 == 0 && unit < 4) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? Long.toString(value) : value + "KMGT".substring(unit - 1, unit);
  }

  /// Returns the sizes `min, min * factor, min * factor², ...` up to `max`.
  ///
  /// @throws IllegalArgumentException unless `0 < min <= max` and `factor > 1`
  public static List<Long> geometric(long min, long max, long factor) {
    checkRange(min, max);
    if (factor < 2) {
      throw new IllegalArgumentException("the step factor must be at least 2, but it is " + factor);
    }
    List<Long> sizes = new ArrayList<>();
    for (long size = min; size <= max; size *= factor) {
      sizes.add(size);
      if (size > max / factor) {
        break;
      }
    }
    return sizes;
  }

  /// Returns the sizes `min, min + step, min + 2 step, ...` up to `max`.
  ///
  /// @throws IllegalArgumentException unless `0 < min <= max` and `step > 0`, or if there were more
  ///   than 100,000 sizes
  public static List<Long> linear(long min, long max, long step) {
    checkRange(min, max);
    if (step < 1) {
      throw new IllegalArgumentException("the step must be at least 1 byte, but it is " + step);
    }
    if ((max - min) / step >= 100_000) {
      throw new IllegalArgumentException(
          "a step of " + step + " bytes gives more than 100000 sizes; use a larger one");
    }
    List<Long> sizes = new ArrayList<>();
    for (long size = min; size <= max; size += step) {
      sizes.add(size);
    }
    return sizes;
  }

  private static void checkRange(long min, long max) {
    if (min < 1 || max < min) {
      throw new IllegalArgumentException(
          "the smallest size must be at least 1 byte and at most the largest, but they are "
              + min
              + " and "
              + max);
    }
  }
}
