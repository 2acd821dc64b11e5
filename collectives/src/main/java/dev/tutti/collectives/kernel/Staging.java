package dev.tutti.collectives.kernel;

/// Heap arrays of one thread, in which [StagedKernel]s compute.
final class Staging {
  /// Elements of one array: large enough to hide the cost of the copies' calls, small enough that
  /// four arrays of longs fit a 32 KiB level 1 cache.
  static final int ELEMENTS = 1024;

  /// A binary tree over `n` sources holds at most `log2(n) + 2` partial results.
  private static final int SLOTS = 24;

  private static final ThreadLocal<Staging> OF_THREAD = ThreadLocal.withInitial(Staging::new);

  private final byte[][] bytes = new byte[SLOTS][];
  private final short[][] shorts = new short[SLOTS][];
  private final int[][] ints = new int[SLOTS][];
  private final long[][] longs = new long[SLOTS][];
  private final float[][] floats = new float[SLOTS][];
  private final double[][] doubles = new double[SLOTS][];

  private Staging() {}

  static Staging ofThread() {
    return OF_THREAD.get();
  }

  byte[] bytes(int slot) {
    byte[] array = bytes[slot];
    return array != null ? array : (bytes[slot] = new byte[ELEMENTS]);
  }

  short[] shorts(int slot) {
    short[] array = shorts[slot];
    return array != null ? array : (shorts[slot] = new short[ELEMENTS]);
  }

  int[] ints(int slot) {
    int[] array = ints[slot];
    return array != null ? array : (ints[slot] = new int[ELEMENTS]);
  }

  long[] longs(int slot) {
    long[] array = longs[slot];
    return array != null ? array : (longs[slot] = new long[ELEMENTS]);
  }

  float[] floats(int slot) {
    float[] array = floats[slot];
    return array != null ? array : (floats[slot] = new float[ELEMENTS]);
  }

  double[] doubles(int slot) {
    double[] array = doubles[slot];
    return array != null ? array : (doubles[slot] = new double[ELEMENTS]);
  }
}
