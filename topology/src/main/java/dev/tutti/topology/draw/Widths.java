package dev.tutti.topology.draw;

import java.util.Collection;

/// How thick lines are: by the logarithm of what they carry, from the least in the drawing to the
/// most.
///
/// @param least bytes/s of the thinnest line
/// @param perDecade by how many pixels a line of ten times as much is thicker
record Widths(double least, double perDecade) {
  private static final double THIN = 1.3;
  private static final double THICK = 4.6;
  private static final double STEEPEST = 4;

  static Widths of(Collection<Double> capacities) {
    double least = capacities.stream().filter(rate -> rate > 0).min(Double::compare).orElse(1.0);
    double most = capacities.stream().max(Double::compare).orElse(1.0);
    double decades = Math.log10(Math.max(most, least) / least);
    return new Widths(least, decades == 0 ? 0 : Math.min(STEEPEST, (THICK - THIN) / decades));
  }

  double of(double bytesPerSecond) {
    double least = perDecade == 0 ? THIN + 0.9 : THIN;
    return Math.clamp(
        least + perDecade * Math.log10(Math.max(bytesPerSecond, 1) / this.least), 0.9, THICK);
  }
}
