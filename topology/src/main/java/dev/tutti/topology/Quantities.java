package dev.tutti.topology;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Numbers as people read them.
public final class Quantities {
  private static final String NOBODY_KNOWS = "?";

  private Quantities() {}

  /// Returns a rate in GB/s (10⁹ bytes/s) with three significant digits: `47.3 GB/s`, `0.118 GB/s`;
  /// `?` if it is not known.
  public static String rate(@Nullable Double bytesPerSecond) {
    return bytesPerSecond == null ? NOBODY_KNOWS : significant(bytesPerSecond / 1e9) + " GB/s";
  }

  /// Returns seconds with three significant digits in the unit that fits: `1.2 µs`.
  public static String time(@Nullable Double seconds) {
    if (seconds == null) {
      return NOBODY_KNOWS;
    }
    if (seconds >= 1 || seconds == 0) {
      return significant(seconds) + " s";
    }
    return seconds >= 1e-3
        ? significant(seconds * 1e3) + " ms"
        : seconds >= 1e-6 ? significant(seconds * 1e6) + " µs" : significant(seconds * 1e9) + " ns";
  }

  /// Returns a number of bytes in binary units as nccl-tests has them: `4 MiB`.
  public static String bytes(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return significant(value) + " " + units[unit];
  }

  /// Returns a share in per cent without decimals: `36 %`.
  public static String percent(double share) {
    return Math.round(share * 100) + " %";
  }

  /// Returns a number with three significant digits and no trailing zeros.
  static String significant(double value) {
    double size = Math.abs(value);
    int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    if (size > 0 && size < 0.1) {
      decimals = Math.min(12, (int) Math.ceil(-Math.log10(size)) + 2);
    }
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
