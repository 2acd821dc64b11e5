package dev.tutti.bench.netlab;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The rate of a link, in bits per second as network people count them.
///
/// @param bitsPerSecond the rate with all headers, more than 0
public record BitRate(long bitsPerSecond) {
  private static final Pattern TEXT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([kmg]?)bit");

  /// Bytes of an Ethernet frame that the link carries.
  private static final double FRAME_BYTES = 1514;

  /// Bytes of user data in it: IP and TCP with timestamps take 52 and Ethernet 14.
  private static final double DATA_BYTES = 1448;

  /// Checks the range.
  public BitRate {
    if (bitsPerSecond < 1000 || bitsPerSecond > 1_000_000_000_000L) {
      throw new IllegalArgumentException(
          "a rate must be 1kbit to 1000gbit, but it is " + bitsPerSecond + " bits per second");
    }
  }

  /// Reads a rate as tc writes it: `1gbit`, `200mbit`, `1.5gbit`.
  ///
  /// @throws IllegalArgumentException if it is something else
  public static BitRate parse(String text) {
    Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a rate; rates look like 1gbit, 200mbit, 1.5gbit");
    }
    long unit =
        switch (matcher.group(2)) {
          case "k" -> 1_000L;
          case "m" -> 1_000_000L;
          case "g" -> 1_000_000_000L;
          default -> 1L;
        };
    BigDecimal bits = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
    return new BitRate(bits.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue());
  }

  /// Returns the bytes per second with all headers.
  public double bytesPerSecond() {
    return bitsPerSecond / 8.0;
  }

  /// Returns the bytes per second of user data that TCP gets through full Ethernet frames.
  public double payloadBytesPerSecond() {
    return bytesPerSecond() * DATA_BYTES / FRAME_BYTES;
  }

  BitRate min(BitRate other) {
    return bitsPerSecond <= other.bitsPerSecond ? this : other;
  }

  /// Returns the rate as tc reads it.
  @Override
  public String toString() {
    if (bitsPerSecond % 1_000_000_000 == 0) {
      return bitsPerSecond / 1_000_000_000 + "gbit";
    }
    if (bitsPerSecond % 1_000_000 == 0) {
      return bitsPerSecond / 1_000_000 + "mbit";
    }
    return bitsPerSecond % 1000 == 0 ? bitsPerSecond / 1000 + "kbit" : bitsPerSecond + "bit";
  }
}
