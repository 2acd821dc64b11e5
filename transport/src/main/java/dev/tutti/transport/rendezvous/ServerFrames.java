package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Understands what the server sends: notes it in the view and posts the events.
///
/// One thread at a time.
final class ServerFrames {
  /// What a frame means for the connection.
  enum Outcome {
    /// More frames will come.
    GO_ON,
    /// The server closes in order.
    GOODBYE,
    /// The others count this rank as dead.
    EVICTED,
    /// The server does not want this rank.
    REJECTED
  }

  private final WorldView view;
  private final EventDispatcher events;
  private final Runnable onDeparture;
  private @Nullable Endpoint redirect;
  private String evictedBecause = "";

  ServerFrames(WorldView view, EventDispatcher events, Runnable onDeparture) {
    this.view = view;
    this.events = events;
    this.onDeparture = onDeparture;
  }

  /// Returns where a newcomer was sent to, or null.
  @Nullable Endpoint redirect() {
    return redirect;
  }

  /// Returns why this rank counts as dead, after EVICTED.
  String evictedBecause() {
    return evictedBecause;
  }

  /// Handles one frame.
  ///
  /// @param server the connection it came from
  /// @param servingRank the rank in whose process the server is, or -1
  Outcome handle(Frame frame, FramePeer server, int servingRank) throws WireFault {
    Frame.Reader reader = frame.open();
    switch (frame.type()) {
      case HEARTBEAT -> {}
      case WELCOME -> welcome(Welcome.read(reader), server, servingRank);
      case CARD -> card(MemberCard.read(reader));
      case GATHER_PART -> {
        GatherKey key = GatherKey.read(reader, view.worldSize());
        int peer = reader.getInt();
        byte[] part = reader.getBytes();
        reader.end();
        if (!key.members().contains(peer)) {
          throw new WireFault("part of rank " + peer + " in a gather of " + key.members());
        }
        view.addPart(key, peer, part);
      }
      case PROPOSAL_PART, PROPOSAL -> view.agreements().proposal(frame);
      case COMMIT -> {
        AgreementKey key = AgreementKey.read(reader, view.worldSize());
        reader.end();
        view.agreements().commit(key);
      }
      case WITHDRAWN -> withdrawn(reader);
      case TOLD -> told(reader);
      case RANK_FAILED, RANK_LEFT -> departed(Departure.read(frame));
      case ABORTED -> aborted(Abort.read(reader));
      case REJECT -> {
        view.fail(Handshake.rejection(frame));
        return Outcome.REJECTED;
      }
      case REDIRECT -> {
        redirect = Endpoint.read(reader);
        view.fail(new RendezvousException(Kind.CONNECTION, "newcomers are received elsewhere"));
        return Outcome.REJECTED;
      }
      case EVICTED -> {
        reader.getInt(); // the term: of interest to servers only
        evictedBecause = reader.getText();
        return Outcome.EVICTED;
      }
      case GOODBYE -> {
        return Outcome.GOODBYE;
      }
      default -> throw new WireFault("the rendezvous may not send " + frame.type());
    }
    return Outcome.GO_ON;
  }

  private void welcome(Welcome news, FramePeer server, int servingRank) throws WireFault {
    boolean moved = view.world() != 0;
    view.welcome(news, server, servingRank);
    if (moved) {
      events.post(listener -> listener.serverMoved(servingRank));
    }
  }

  private void card(MemberCard card) throws WireFault {
    if (view.addCard(card)) {
      byte[] bytes = card.card();
      events.post(listener -> listener.rankJoined(card.rank(), bytes.clone()));
    }
  }

  private void withdrawn(Frame.Reader reader) throws WireFault {
    AgreementKey key = AgreementKey.read(reader, view.worldSize());
    int count = reader.getInt();
    if (count < 0 || count > key.group().members().size()) {
      throw new WireFault(count + " missing members of " + key);
    }
    List<Integer> missing = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      missing.add(reader.getInt());
    }
    reader.end();
    view.agreements().withdrawn(key, List.copyOf(missing));
  }

  private void told(Frame.Reader reader) throws WireFault {
    int from = reader.getInt();
    long tag = reader.getLong();
    byte[] payload = reader.getBytes();
    reader.end();
    if (payload.length > Membership.MAX_REPORT_BYTES) {
      throw new WireFault("a report of " + payload.length + " bytes");
    }
    events.postReport(listener -> listener.told(from, tag, payload));
  }

  /// Notes a departure and tells the listener of it, once.
  void departed(Departure departure) throws WireFault {
    if (departure.rank() >= view.worldSize()) {
      throw new WireFault(
          "departure of rank " + departure.rank() + " in a world of " + view.worldSize());
    }
    if (!view.addDeparture(departure)) {
      return;
    }
    int peer = departure.rank();
    if (departure.kind() == null) {
      events.post(listener -> listener.rankLeft(peer));
    } else {
      events.post(listener -> listener.rankFailed(peer, departure.cause()));
    }
    onDeparture.run();
  }

  private void aborted(Abort news) {
    if (!view.addAbort(news) || news.byRank() == view.rank()) {
      return;
    }
    view.fail(
        new RendezvousException(
            Kind.CONNECTION,
            List.of(news.byRank()),
            "rank " + news.byRank() + " aborted the job: " + news.reason(),
            null));
    events.post(listener -> listener.aborted(news.byRank(), news.reason()));
  }
}
