package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;

/// Understands what seated ranks send, and has the table do it.
final class RankFrames {
  /// What a frame means for the connection.
  enum Outcome {
    /// More frames will come.
    GO_ON,
    /// The rank has left or given up; nothing more will come.
    END,
    /// The rank has given this server up.
    DEPOSED
  }

  private RankFrames() {}

  /// Handles one frame.
  ///
  /// @throws WireFault if a rank may not send that
  static Outcome handle(MemberTable table, Seat seat, Frame frame) throws WireFault {
    int rank = seat.rank();
    Frame.Reader reader = frame.open();
    switch (frame.type()) {
      case HEARTBEAT -> {}
      case GATHER -> {
        GatherKey key = GatherKey.read(reader, table.worldSize());
        byte[] contribution = reader.getBytes();
        reader.end();
        table.gather(rank, key, contribution);
      }
      case AGREE -> table.agree(rank, Resume.Contribution.read(reader, table.worldSize()));
      case WITHDRAW -> table.withdraw(rank, key(reader, table));
      case ACCEPTED -> table.accepted(rank, key(reader, table));
      case TELL -> tell(table, rank, reader);
      case ABORT -> table.abort(new Abort(rank, text(reader)));
      case GIVE_UP -> {
        table.lost(seat, Kind.TIMEOUT, text(reader));
        return Outcome.END;
      }
      case LEAVE -> {
        reader.end();
        table.left(rank);
        return Outcome.END;
      }
      case DEPOSED -> {
        return Outcome.DEPOSED;
      }
      default -> throw new WireFault("a rank may not send " + frame.type());
    }
    return Outcome.GO_ON;
  }

  /// Handles a frame of a rank that has no seat yet: it can only wait, or give up.
  static Outcome handleUnseated(Frame frame) throws WireFault {
    return switch (frame.type()) {
      case HEARTBEAT -> Outcome.GO_ON;
      case GIVE_UP, LEAVE, DEPOSED -> Outcome.END;
      default -> throw new WireFault("a rank may not send " + frame.type() + " yet");
    };
  }

  private static AgreementKey key(Frame.Reader reader, MemberTable table) throws WireFault {
    AgreementKey key = AgreementKey.read(reader, table.worldSize());
    reader.end();
    return key;
  }

  private static String text(Frame.Reader reader) throws WireFault {
    String text = reader.getText();
    reader.end();
    return text;
  }

  private static void tell(MemberTable table, int rank, Frame.Reader reader) throws WireFault {
    GatherKey to = GatherKey.read(reader, table.worldSize());
    byte[] payload = reader.getBytes();
    reader.end();
    if (payload.length > Membership.MAX_REPORT_BYTES) {
      throw new WireFault("a report of " + payload.length + " bytes");
    }
    table.tell(rank, to, payload);
  }
}
