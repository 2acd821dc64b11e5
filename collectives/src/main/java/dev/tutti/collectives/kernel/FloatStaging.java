package dev.tutti.collectives.kernel;

/// Copies elements of a floating-point type to an array of float32 and back.
interface FloatStaging {
  /// Reads `count` elements into the array.
  void load(Staging staging, long address, float[] to, int count);

  /// Rounds the first `count` elements of the array and writes them.
  void store(Staging staging, float[] from, long address, int count);
}
