package dev.tutti.transport.rendezvous;

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
}
