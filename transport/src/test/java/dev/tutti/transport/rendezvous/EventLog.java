package dev.tutti.transport.rendezvous;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Notes the events it hears as text.
final class EventLog implements MembershipListener {
  private final List<String> events = new CopyOnWriteArrayList<>();

  List<String> events() {
    return events;
  }

  @Override
  public void rankFailed(int rank, String cause) {
    events.add("failed " + rank + " " + cause);
  }

  @Override
  public void rankLeft(int rank) {
    events.add("left " + rank);
  }

  @Override
  public void aborted(int byRank, String reason) {
    events.add("aborted " + byRank + " " + reason);
  }

  @Override
  public void serverLost(String cause) {
    events.add("lost " + cause);
  }

  @Override
  public void serverClosed() {
    events.add("closed");
  }

  @Override
  public void serverMoved(int toRank) {
    events.add("moved " + toRank);
  }

  @Override
  public void evicted(String cause) {
    events.add("evicted " + cause);
  }

  @Override
  public void rankJoined(int rank, byte[] card) {
    events.add("joined " + rank + " " + Arrays.toString(card));
  }

  @Override
  public void told(int fromRank, long tag, byte[] payload) {
    events.add("told " + fromRank + " " + tag + " " + Arrays.toString(payload));
  }
}
