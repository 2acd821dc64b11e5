package dev.tutti.transport.rendezvous;

/// A rank's wish to take part in a world that forms, or in one that runs.
///
/// @param rank the rank, or -1 for a newcomer, who is given one
/// @param worldSize the size it expects; means nothing for a newcomer
/// @param timing the heartbeats it wants
/// @param endpoint where it will serve if it must
/// @param card what the others need to know
record JoinRequest(int rank, int worldSize, Timing timing, Endpoint endpoint, byte[] card) {
  static final int NEWCOMER = -1;

  Frame toFrame() {
    Frame.Writer writer = timing.write(new Frame.Writer().putInt(rank).putInt(worldSize));
    return endpoint.write(writer).putBytes(card).toFrame(FrameType.JOIN);
  }

  static JoinRequest read(Frame.Reader reader) throws WireFault {
    JoinRequest result =
        new JoinRequest(
            reader.getInt(),
            reader.getInt(),
            Timing.read(reader),
            Endpoint.read(reader),
            reader.getBytes());
    reader.end();
    return result;
  }

  boolean isNewcomer() {
    return rank == NEWCOMER;
  }

  MemberCard as(int givenRank) {
    return new MemberCard(givenRank, endpoint, card);
  }
}
