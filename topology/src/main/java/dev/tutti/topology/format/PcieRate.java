package dev.tutti.topology.format;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What PCI Express carries.
///
/// Per lane and direction: transfers per second × 1 bit, less the line coding: 8 of 10 bits for 2.5
/// and 5 GT/s, 128 of 130 for 8 to 32 GT/s, 242 of 256 bytes (the rest of a flit is checksum and
/// error correction) from 64 GT/s. Gen4 x16: 16e9 × 16 × 128/130 / 8 = 31.5 GB/s. Headers of
/// packets come off that still; they depend on the size of the packets.
///
/// @param gigatransfers GT/s per lane
/// @param generation 1 to 7
record PcieRate(double gigatransfers, int generation) {
  private static final double[] GENERATIONS = {2.5, 5, 8, 16, 32, 64, 128};
  private static final Pattern TEXT =
      Pattern.compile("\\s*(\\d{1,4}(?:\\.\\d{1,4})?)\\s*GT/s\\b.*");

  /// Returns the rate of a generation.
  static PcieRate ofGeneration(int generation) {
    return new PcieRate(GENERATIONS[generation - 1], generation);
  }

  /// Reads what sysfs writes: `8 GT/s`, `16.0 GT/s PCIe`; null if it is none of the generations.
  static @Nullable PcieRate parse(@Nullable String text) {
    Matcher matcher = TEXT.matcher(text == null ? "" : text);
    if (!matcher.matches()) {
      return null;
    }
    double rate = Double.parseDouble(matcher.group(1));
    for (int i = 0; i < GENERATIONS.length; i++) {
      if (GENERATIONS[i] == rate) {
        return new PcieRate(rate, i + 1);
      }
    }
    return null;
  }

  /// Returns bytes/s of a number of lanes in one direction.
  double bytesPerSecond(int lanes) {
    double coding = generation <= 2 ? 8.0 / 10 : generation <= 5 ? 128.0 / 130 : 242.0 / 256;
    return gigatransfers * 1e9 * lanes * coding / 8;
  }

  /// Returns what Linux writes since 5.7: `16.0 GT/s PCIe`.
  String text() {
    return String.format(Locale.ROOT, "%.1f GT/s PCIe", gigatransfers);
  }
}
