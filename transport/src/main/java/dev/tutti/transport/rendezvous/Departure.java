package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import org.jspecify.annotations.Nullable;

/// The news that a rank is gone.
///
/// @param rank the rank
/// @param kind what went wrong; null if it left in order
/// @param cause for people
record Departure(int rank, @Nullable Kind kind, String cause) {
  static Departure left(int rank) {
    return new Departure(rank, null, "left the world");
  }

  static Departure failed(int rank, Kind kind, String cause) {
    return new Departure(rank, kind, cause);
  }

  Frame toFrame() {
    Frame.Writer writer = new Frame.Writer().putInt(rank);
    return kind == null
        ? writer.toFrame(FrameType.RANK_LEFT)
        : writer.putByte(kind.ordinal()).putText(cause).toFrame(FrameType.RANK_FAILED);
  }

  /// Reads either frame.
  static Departure read(Frame frame) throws WireFault {
    Frame.Reader reader = frame.open();
    int rank = reader.getInt();
    if (rank < 0) {
      throw new WireFault("departure of rank " + rank);
    }
    Departure result =
        frame.type() == FrameType.RANK_LEFT
            ? left(rank)
            : failed(rank, Handshake.kind(reader.getByte()), reader.getText());
    reader.end();
    return result;
  }
}
