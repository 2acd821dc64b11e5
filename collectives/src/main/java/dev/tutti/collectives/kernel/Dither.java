package dev.tutti.collectives.kernel;

/// Random numbers for rounding that are a function of where they are used: the same seed, operation
/// and rank give the same ones for an element, in any implementation.
///
/// The number of an element is a hash of its place in the block and the block's key (Wellons,
/// "Prospecting for Hash Functions", 2018: lowbias32), the key a hash of the rest (Steele, Lea and
/// Flood, 2014: mix64). Used by one thread at a time.
public final class Dither {
  /// No random numbers: codecs round to the nearest.
  public static final Dither NONE = new Dither(0);

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long seed;
  private long state;

  /// Makes the numbers of a seed.
  public Dither(long seed) {
    this.seed = mix(seed);
  }

  /// Says what is rounded next.
  ///
  /// @param operation number of the operation
  /// @param rank who rounds
  /// @param stage which rounding of the operation it is
  public void begin(long operation, int rank, int stage) {
    state = mix(mix(seed + operation * GOLDEN) + ((long) rank << 8) + stage);
  }

  /// Returns the key of a block.
  int key(long block) {
    return (int) (mix(state + block * GOLDEN) >>> 32);
  }

  /// Returns 32 random bits for an element of a block.
  static int bits(int key, int element) {
    int x = key + element;
    x ^= x >>> 16;
    x *= 0x7feb352d;
    x ^= x >>> 15;
    x *= 0x846ca68b;
    return x ^ (x >>> 16);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
