package dev.tutti.topology;

/// What PCI Express carries: transfers per second and lane, less the line code. Packet headers are
/// not taken off, which leaves about 85 to 95 % for data.
public final class PcieRate {
  private static final double[] GIGATRANSFERS = {2.5, 5, 8, 16, 32, 64};
  private static final double EIGHT_OF_TEN = 8.0 / 10;
  private static final double BLOCKS_OF_130 = 128.0 / 130;
  private static final double FLITS_OF_256 = 242.0 / 256;

  private PcieRate() {}

  /// Returns bytes/s per direction: 3.94e9 for generation 3 with 4 lanes.
  ///
  /// @param generation 1 to 6
  /// @param lanes number of lanes, at least 1
  /// @throws IllegalArgumentException if one is out of range
  public static double bytesPerSecond(int generation, int lanes) {
    if (generation < 1 || generation > GIGATRANSFERS.length || lanes < 1) {
      throw new IllegalArgumentException(
          "PCI Express generation " + generation + " with " + lanes + " lanes");
    }
    double code = generation < 3 ? EIGHT_OF_TEN : generation < 6 ? BLOCKS_OF_130 : FLITS_OF_256;
    return GIGATRANSFERS[generation - 1] * 1e9 * code * lanes / 8;
  }

  /// Returns the generation that makes so many 10⁹ transfers per second and lane, 0 if none does.
  public static int generation(double gigatransfersPerSecond) {
    for (int i = 0; i < GIGATRANSFERS.length; i++) {
      if (Math.abs(GIGATRANSFERS[i] - gigatransfersPerSecond) < 0.01) {
        return i + 1;
      }
    }
    return 0;
  }
}
