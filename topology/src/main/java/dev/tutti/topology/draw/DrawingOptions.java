package dev.tutti.topology.draw;

import org.jspecify.annotations.Nullable;

/// What a drawing shows of a large topology.
///
/// @param maxHosts above so many hosts or switches beside each other, those that are alike fold
///   into one
/// @param maxItems above so many boxes in the whole drawing, hosts that are alike fold, too, and
///   the insides of some that are not are left out
/// @param theme the colours, for writers whose format cannot follow the reader's
/// @param overlay what is shown over the topology, null for nothing
public record DrawingOptions(int maxHosts, int maxItems, Theme theme, @Nullable Overlay overlay) {
  /// Checks.
  ///
  /// @throws IllegalArgumentException if a number is below 1
  public DrawingOptions {
    if (maxHosts < 1 || maxItems < 1) {
      throw new IllegalArgumentException(
          "maxHosts is " + maxHosts + " and maxItems " + maxItems + ", expected at least 1");
    }
  }

  /// Returns what suits a page of paper: up to 16 hosts and 160 boxes, light.
  public static DrawingOptions standard() {
    return new DrawingOptions(16, 160, Theme.LIGHT, null);
  }

  /// Returns options by which nothing folds.
  public static DrawingOptions everything() {
    return new DrawingOptions(Integer.MAX_VALUE, Integer.MAX_VALUE, Theme.LIGHT, null);
  }

  /// Returns these with other colours.
  public DrawingOptions withTheme(Theme other) {
    return new DrawingOptions(maxHosts, maxItems, other, overlay);
  }

  /// Returns these with something over the topology.
  public DrawingOptions withOverlay(@Nullable Overlay other) {
    return new DrawingOptions(maxHosts, maxItems, theme, other);
  }
}
