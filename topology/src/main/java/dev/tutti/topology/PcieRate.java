package dev.tutti.topology;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a lane of PCI Express carries.
///
/// Per lane and direction: transfers per second × 1 bit, less the line coding: 8 of 10 bits for 2.5
/// and 5 GT/s, 128 of 130 for 8 to 32 GT/s, 242 of 256 bytes (the rest of a flit is checksum and
/// error correction) from 64 GT/s. Gen4 x16: 16e9 × 16 × 128/130 / 8 = 31.5 GB/s. Headers of
/// packets come off that still; they depend on the size of the packets.
///
/// @param generation 1 to [#LATEST]
public record PcieRate(int generation) {
  /// The latest generation.
  public static final int LATEST = 7;

  /// The widest link.
  public static final int MAX_LANES = 32;

  private static final double[] GIGATRANSFERS = {2.5, 5, 8, 16, 32, 64, 128};
  private static final Pattern TEXT =
      Pattern.compile("\\s*(\\d{1,4}(?:\\.\\d{1,4})?)\\s*GT/s\\b.*");

  /// Checks.
  ///
  /// @throws IllegalArgumentException if there is no such generation
  public PcieRate {
    if (generation < 1 || generation > LATEST) {
      throw new IllegalArgumentException("there is no generation " + generation + " of PCIe");
    }
  }

  /// Reads what sysfs writes: `8 GT/s`, `16.0 GT/s PCIe`; null if it is none of the generations.
  public static @Nullable PcieRate parse(@Nullable String text) {
    Matcher matcher = TEXT.matcher(text == null ? "" : text);
    if (!matcher.matches()) {
      return null;
    }
    double rate = Double.parseDouble(matcher.group(1));
    for (int i = 0; i < GIGATRANSFERS.length; i++) {
      if (GIGATRANSFERS[i] == rate) {
        return new PcieRate(i + 1);
      }
    }
    return null;
  }

  /// Returns bytes/s of a number of lanes in one direction.
  public double bytesPerSecond(int lanes) {
    double coding = generation <= 2 ? 8.0 / 10 : generation <= 5 ? 128.0 / 130 : 242.0 / 256;
    return GIGATRANSFERS[generation - 1] * 1e9 * lanes * coding / 8;
  }

  /// Returns what Linux writes since 5.7: `16.0 GT/s PCIe`.
  public String text() {
    return String.format(Locale.ROOT, "%.1f GT/s PCIe", GIGATRANSFERS[generation - 1]);
  }
}
