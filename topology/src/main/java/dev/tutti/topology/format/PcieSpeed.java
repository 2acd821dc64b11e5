package dev.tutti.topology.format;

import dev.tutti.topology.PcieRate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The speed of PCI Express as Linux writes it: `8 GT/s`, since 5.7 `16.0 GT/s PCIe`.
final class PcieSpeed {
  private static final Pattern TEXT =
      Pattern.compile("\\s*(\\d{1,4}(?:\\.\\d{1,4})?)\\s*GT/s\\b.*");
  private static final String[] TEXTS = {"2.5", "5.0", "8.0", "16.0", "32.0", "64.0"};

  private PcieSpeed() {}

  /// Returns the generation, 0 if the text is the speed of none.
  static int generation(@Nullable String text) {
    Matcher matcher = TEXT.matcher(text == null ? "" : text);
    return matcher.matches() ? PcieRate.generation(Double.parseDouble(matcher.group(1))) : 0;
  }

  /// Returns what Linux writes for a generation, null if there is none of that number.
  static @Nullable String text(@Nullable Integer generation) {
    return generation == null || generation < 1 || generation > TEXTS.length
        ? null
        : TEXTS[generation - 1] + " GT/s PCIe";
  }
}
