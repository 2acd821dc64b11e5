package dev.tutti.transport.rendezvous;

/// A server's answer to a rank that it takes in.
///
/// @param world tells worlds apart, so that no rank resumes in a foreign one
/// @param term counts the servers of this world, from 0
/// @param rank the rank that is welcome
/// @param worldSize how many ranks this world has given out
record Welcome(long world, int term, int rank, int worldSize) {
  /// More ranks than that are taken for damage.
  static final int MAX_WORLD = 1 << 16;

  Frame toFrame() {
    return new Frame.Writer()
        .putLong(world)
        .putInt(term)
        .putInt(rank)
        .putInt(worldSize)
        .toFrame(FrameType.WELCOME);
  }

  static Welcome read(Frame.Reader reader) throws WireFault {
    Welcome result =
        new Welcome(reader.getLong(), reader.getInt(), reader.getInt(), reader.getInt());
    reader.end();
    check(result.term, result.rank, result.worldSize);
    return result;
  }

  static void check(int term, int rank, int worldSize) throws WireFault {
    if (term < 0 || rank < 0 || rank >= worldSize || worldSize > MAX_WORLD) {
      throw new WireFault("term " + term + ", rank " + rank + ", world size " + worldSize);
    }
  }
}
