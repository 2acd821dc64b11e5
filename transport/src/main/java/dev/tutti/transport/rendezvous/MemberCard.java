package dev.tutti.transport.rendezvous;

/// What a rank tells the others when it joins.
///
/// @param rank the rank
/// @param endpoint where it will serve if it must
/// @param card what the caller of join wants the others to know
record MemberCard(int rank, Endpoint endpoint, byte[] card) {
  Frame toFrame() {
    return new Frame.Writer().putInt(rank).putRaw(toPart()).toFrame(FrameType.CARD);
  }

  static MemberCard read(Frame.Reader reader) throws WireFault {
    int rank = reader.getInt();
    if (rank < 0) {
      throw new WireFault("card of rank " + rank);
    }
    return readPart(rank, reader);
  }

  /// The card without its rank: the part of a newcomer in a proposal.
  byte[] toPart() {
    return endpoint.write(new Frame.Writer()).putBytes(card).toBytes();
  }

  static MemberCard readPart(int rank, Frame.Reader reader) throws WireFault {
    Endpoint endpoint = Endpoint.read(reader);
    byte[] card = reader.getBytes();
    reader.end();
    return new MemberCard(rank, endpoint, card);
  }
}
