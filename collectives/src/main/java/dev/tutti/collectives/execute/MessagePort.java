package dev.tutti.collectives.execute;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.MismatchException;
import dev.tutti.transport.Waiter;
import java.util.ArrayList;
import java.util.List;

/// Point-to-point messages between two members, in order: one at a time, or many at once.
///
/// A message travels slice by slice through the channel's slots; its first slot begins with a
/// [MessageHeader]. A large message in shared memory is not copied into slots: the receiver copies
/// straight from the send buffer, and the sender returns when the receiver has given the header's
/// slot back.
public final class MessagePort {
  private final SharedGroup group;
  private final Members members;
  private final OutgoingMessage outgoing;
  private final IncomingMessage incoming;

  /// One message of several.
  ///
  /// @param address where it is or where it belongs
  public record Message(long address, long bytes, DataType type, int peer) {}

  /// Makes the port.
  ///
  /// @param group the members that share memory
  /// @param members all members, connected by one lane for messages alone
  MessagePort(SharedGroup group, Members members) {
    this.group = group;
    this.members = members;
    this.outgoing = new OutgoingMessage(group, members);
    this.incoming = new IncomingMessage(group, members);
  }

  /// Sets who hears of long waits for messages.
  void observe(Waiter.Observer observer) {
    members.observe(observer);
  }

  /// Sends `bytes` bytes to a peer; returns when the buffer may be reused.
  public void send(long address, long bytes, DataType type, int peer) {
    outgoing.begin(address, bytes, type, peer);
    finish(outgoing);
    members.leave();
  }

  /// Receives `bytes` bytes from a peer.
  ///
  /// @throws MismatchException if the peer sent another size or type
  public void receive(long address, long bytes, DataType type, int peer) {
    incoming.begin(address, bytes, type, peer);
    finish(incoming);
  }

  private void finish(MessageUnderWay message) {
    long start = 0;
    for (int round = 0; !message.isDone(); round++) {
      if (message.advance()) {
        round = 0;
        start = 0;
      } else {
        start = members.progress() ? 0 : members.idle(round, start);
      }
    }
  }

  /// Sends and receives messages, all at once; those between two members one after the other, as
  /// listed. Returns when all are through.
  ///
  /// No wait of one keeps another from going on, so whatever the order of the lists, ranks whose
  /// messages match cannot deadlock.
  ///
  /// @throws MismatchException if a peer sent another size or type
  public void exchange(List<Message> sends, List<Message> receives) {
    List<MessageQueue> queues = new ArrayList<>();
    for (int peer = 0; peer < members.size(); peer++) {
      add(queues, new OutgoingMessage(group, members), sends, peer);
    }
    for (int peer = 0; peer < members.size(); peer++) {
      add(queues, new IncomingMessage(group, members), receives, peer);
    }
    long start = 0;
    for (int round = 0; !queues.isEmpty(); round++) {
      boolean moved = false;
      for (MessageQueue queue : queues) {
        moved |= queue.advance();
      }
      queues.removeIf(MessageQueue::isDone);
      if (moved) {
        round = 0;
        start = 0;
      } else {
        start = members.progress() ? 0 : members.idle(round, start);
      }
    }
    members.leave();
  }

  private static void add(
      List<MessageQueue> queues, MessageUnderWay current, List<Message> messages, int peer) {
    List<Message> ofPeer = messages.stream().filter(m -> m.peer() == peer).toList();
    if (!ofPeer.isEmpty()) {
      queues.add(new MessageQueue(ofPeer, current));
    }
  }

  /// The messages to one member, or those from one.
  private static final class MessageQueue {
    private final List<Message> messages;
    private final MessageUnderWay current;
    private int begun;

    MessageQueue(List<Message> messages, MessageUnderWay current) {
      this.messages = messages;
      this.current = current;
    }

    boolean isDone() {
      return current.isDone() && begun == messages.size();
    }

    boolean advance() {
      if (current.isDone() && begun < messages.size()) {
        Message next = messages.get(begun++);
        current.begin(next.address(), next.bytes(), next.type(), next.peer());
      }
      return current.advance();
    }
  }
}
