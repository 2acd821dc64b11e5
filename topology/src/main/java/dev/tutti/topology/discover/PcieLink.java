package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.PcieRate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What PCI Express carries: generation and width, and the bytes that come through after coding.
///
/// @param generation 1 to 7
/// @param lanes number of lanes, at least 1
record PcieLink(int generation, int lanes) {
  /// Reads the kernel's `16.0 GT/s PCIe` and `16`; null if either is unknown.
  static @Nullable PcieLink parse(@Nullable String speed, @Nullable String width) {
    PcieRate rate = PcieRate.parse(speed);
    Long lanes = SystemFiles.parse(width);
    return rate == null || lanes == null || lanes < 1 || lanes > PcieRate.MAX_LANES
        ? null
        : new PcieLink(rate.generation(), lanes.intValue());
  }

  /// Returns a rate, null if there is no such generation or width.
  static @Nullable PcieLink of(int generation, int lanes) {
    boolean known = generation >= 1 && generation <= PcieRate.LATEST;
    return known && lanes >= 1 && lanes <= PcieRate.MAX_LANES
        ? new PcieLink(generation, lanes)
        : null;
  }

  /// Returns what both can do; the other if one is unknown.
  static @Nullable PcieLink min(@Nullable PcieLink left, @Nullable PcieLink right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return new PcieLink(
        Math.min(left.generation, right.generation), Math.min(left.lanes, right.lanes));
  }

  /// Returns bytes/s per direction of all lanes.
  double bytesPerSecond() {
    return new PcieRate(generation).bytesPerSecond(lanes);
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
