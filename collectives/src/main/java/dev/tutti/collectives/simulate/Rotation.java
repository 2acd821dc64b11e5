package dev.tutti.collectives.simulate;

/// How the lanes of a schedule are renamed when its ranks are shifted: inside each block of lanes,
/// by so many places. Example: in a ring of n ranks lane c carries chunk c, so shifting the ranks
/// by k shifts the lanes by k in one block of n.
///
/// @param block lanes in a block, at least 1
/// @param places how far a lane moves for one unit of ranks
record Rotation(int block, int places) {
  static final Rotation NONE = new Rotation(1, 0);

  /// Returns what a lane is called after a shift by some units, which may be negative.
  int shift(int lane, int units) {
    int start = lane - lane % block;
    return start + (int) Math.floorMod(lane - start + (long) units * places, (long) block);
  }
}
