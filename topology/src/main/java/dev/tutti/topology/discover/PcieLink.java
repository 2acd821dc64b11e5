package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What PCI Express carries: generation and width, and the bytes that come through after coding.
///
/// @param generation 1 to 7
/// @param lanes number of lanes, at least 1
record PcieLink(int generation, int lanes) {
  private static final double[] TRANSFERS = {2.5e9, 5e9, 8e9, 16e9, 32e9, 64e9, 128e9};
  private static final int FIRST_128B_130B = 3;
  private static final int FIRST_FLIT = 6;
  private static final int MAX_LANES = 32;

  /// Reads the kernel's `16.0 GT/s PCIe` and `16`; null if either is unknown.
  static @Nullable PcieLink parse(@Nullable String speed, @Nullable String width) {
    int generation = generation(speed);
    Long lanes = SystemFiles.parse(width);
    return generation == 0 || lanes == null || lanes < 1 || lanes > MAX_LANES
        ? null
        : new PcieLink(generation, lanes.intValue());
  }

  private static int generation(@Nullable String speed) {
    if (speed == null || !speed.contains("GT/s")) {
      return 0; // "Unknown"
    }
    try {
      double transfers = Double.parseDouble(speed.substring(0, speed.indexOf("GT/s")).strip());
      for (int i = 0; i < TRANSFERS.length; i++) {
        if (TRANSFERS[i] == transfers * 1e9) {
          return i + 1;
        }
      }
      return 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// Returns a rate, null if there is no such generation or width.
  static @Nullable PcieLink of(int generation, int lanes) {
    boolean known = generation >= 1 && generation <= TRANSFERS.length;
    return known && lanes >= 1 && lanes <= MAX_LANES ? new PcieLink(generation, lanes) : null;
  }

  /// Returns what both can do; the other if one is unknown.
  static @Nullable PcieLink min(@Nullable PcieLink left, @Nullable PcieLink right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return new PcieLink(
        Math.min(left.generation, right.generation), Math.min(left.lanes, right.lanes));
  }

  /// Returns bytes/s per direction of all lanes: 8b/10b coding up to generation 2, 128b/130b up to
  /// 5, flits of 256 bytes with 14 for checks from 6. Headers of packets are not taken off.
  double bytesPerSecond() {
    double coding =
        generation < FIRST_128B_130B
            ? 8.0 / 10
            : generation < FIRST_FLIT ? 128.0 / 130 : 242.0 / 256;
    return TRANSFERS[generation - 1] / 8 * coding * lanes;
  }

  /// Returns a link with this rate as its nominal capacity.
  Link on(Link link) {
    return new Link(
        link.from(),
        link.to(),
        link.kind(),
        lanes,
        bytesPerSecond(),
        link.latencySeconds(),
        link.measured(),
        link.origin(),
        Map.of(Attributes.PCIE_GENERATION, String.valueOf(generation)));
  }

  /// Returns `gen 4 x16`.
  @Override
  public String toString() {
    return "gen " + generation + " x" + lanes;
  }
}
