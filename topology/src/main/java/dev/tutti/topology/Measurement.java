package dev.tutti.topology;

import org.jspecify.annotations.Nullable;

/// What a link was measured to do.
///
/// @param bytesPerSecond the median rate; 0 if nothing came through
/// @param lowBytesPerSecond lower end of the median's 95 % confidence interval, null if unknown
/// @param highBytesPerSecond upper end of the same, null if unknown
/// @param latencySeconds seconds per message (α), null if it was not measured
public record Measurement(
    double bytesPerSecond,
    @Nullable Double lowBytesPerSecond,
    @Nullable Double highBytesPerSecond,
    @Nullable Double latencySeconds) {

  /// Checks.
  ///
  /// @throws IllegalArgumentException if a number is negative, infinite or NaN
  public Measurement {
    Link.requireRate("bytesPerSecond", bytesPerSecond);
    Link.requireRate("lowBytesPerSecond", lowBytesPerSecond);
    Link.requireRate("highBytesPerSecond", highBytesPerSecond);
    Link.requireRate("latencySeconds", latencySeconds);
  }

  /// Makes a measurement of a rate alone.
  public static Measurement ofRate(double bytesPerSecond) {
    return new Measurement(bytesPerSecond, null, null, null);
  }

  /// Returns a part of this measurement's rates.
  ///
  /// @param factor that part, at least 0
  Measurement scaled(double factor) {
    return new Measurement(
        bytesPerSecond * factor,
        lowBytesPerSecond == null ? null : Double.valueOf(lowBytesPerSecond * factor),
        highBytesPerSecond == null ? null : Double.valueOf(highBytesPerSecond * factor),
        latencySeconds);
  }
}
