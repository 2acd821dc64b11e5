package dev.tutti.transport.rendezvous;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a rank that has lost its server brings to the next.
///
/// The next server merges what the survivors bring, so that nothing that one of them has heard is
/// unsaid to another.
record Resume(
    Header header,
    List<MemberCard> cards,
    List<Departure> departures,
    @Nullable Abort abort,
    List<Proposal> proposals,
    List<Contribution> contributions) {

  // Frames of one rank beyond those that are one for each rank of the world.
  private static final int SPARE_FRAMES = 4096;

  /// The first frame.
  ///
  /// @param world the world
  /// @param term the term of the server that was lost
  /// @param rank the rank
  /// @param worldSize how many ranks it knows of
  /// @param timing the heartbeats it wants
  record Header(long world, int term, int rank, int worldSize, Timing timing) {
    Frame toFrame() {
      Frame.Writer writer =
          new Frame.Writer().putLong(world).putInt(term).putInt(rank).putInt(worldSize);
      return timing.write(writer).toFrame(FrameType.RESUME);
    }

    static Header read(Frame.Reader reader) throws WireFault {
      Header result =
          new Header(
              reader.getLong(),
              reader.getInt(),
              reader.getInt(),
              reader.getInt(),
              Timing.read(reader));
      reader.end();
      Welcome.check(result.term, result.rank, result.worldSize);
      return result;
    }

    /// A resume that says nothing but who is there.
    Resume alone() {
      return new Resume(this, List.of(), List.of(), null, List.of(), List.of());
    }
  }

  /// What a rank contributes to an agreement that is open.
  record Contribution(AgreementKey key, byte[] bytes) {
    Frame toFrame() {
      return key.write().putBytes(bytes).toFrame(FrameType.AGREE);
    }

    static Contribution read(Frame.Reader reader, int worldSize) throws WireFault {
      Contribution result =
          new Contribution(AgreementKey.read(reader, worldSize), reader.getBytes());
      reader.end();
      return result;
    }
  }

  List<Frame> toFrames() {
    List<Frame> frames = new ArrayList<>();
    frames.add(header.toFrame());
    cards.forEach(card -> frames.add(card.toFrame()));
    departures.forEach(departure -> frames.add(departure.toFrame()));
    if (abort != null) {
      frames.add(abort.toFrame());
    }
    proposals.forEach(proposal -> frames.addAll(proposal.toFrames()));
    contributions.forEach(contribution -> frames.add(contribution.toFrame()));
    frames.add(Frame.empty(FrameType.RESUME_END));
    return frames;
  }

  /// Reads the frames that follow the first.
  static Resume read(Frame first, FramePeer peer, long deadlineNanos) throws IOException {
    Header header = Header.read(first.open(FrameType.RESUME));
    List<MemberCard> cards = new ArrayList<>();
    List<Departure> departures = new ArrayList<>();
    Abort abort = null;
    Proposal.Collector collector = new Proposal.Collector();
    List<Proposal> proposals = new ArrayList<>();
    List<Contribution> contributions = new ArrayList<>();
    for (int frames = 0; frames < SPARE_FRAMES + 2 * header.worldSize; frames++) {
      Frame frame = peer.readBefore(Frame.MAX_BYTES, deadlineNanos);
      Frame.Reader reader = frame.open();
      switch (frame.type()) {
        case CARD -> cards.add(MemberCard.read(reader));
        case RANK_FAILED, RANK_LEFT -> departures.add(Departure.read(frame));
        case ABORTED -> abort = Abort.read(reader);
        case PROPOSAL_PART -> collector.part(reader, header.worldSize);
        case PROPOSAL -> proposals.add(collector.end(reader, header.worldSize));
        case AGREE -> contributions.add(Contribution.read(reader, header.worldSize));
        case RESUME_END -> {
          return new Resume(header, cards, departures, abort, proposals, contributions);
        }
        default -> throw new WireFault(frame.type() + " in a RESUME");
      }
    }
    throw new WireFault("a RESUME without end");
  }
}
