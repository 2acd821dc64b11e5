package dev.tutti.collectives.kernel;

/// Copies elements of a floating-point type to memory of float32 and back, in whole vectors.
interface FloatConversion {
  /// Copies `count` elements to address `floats`, where there is room for a multiple of 64.
  void widen(long floats, long source, int count);

  /// Rounds `count` elements at address `floats`, where a multiple of 64 may be read.
  void narrow(long target, long floats, int count);
}
