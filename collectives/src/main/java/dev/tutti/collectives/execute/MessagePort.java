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
    long start = 0;
    for (int round = 0; !outgoing.isDone(); round++) {
      if (outgoing.advance()) {
        round = 0;
        start = 0;
      } else {
        start = members.progress() ? 0 : members.idle(round, start);
      }
    }
    members.leave();
  }

  /// Receives `bytes` bytes from a peer.
  ///
  /// @throws MismatchException if the peer sent another size or type
  public void receive(long address, long bytes, DataType type, int peer) {
    incoming.begin(address, bytes, type, peer);
    long start = 0;
    for (int round = 0; !incoming.isDone(); round++) {
      if (incoming.advance()) {
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
    List<Outgoing> out = new ArrayList<>();
    List<Incoming> in = new ArrayList<>();
    for (int peer = 0; peer < members.size(); peer++) {
      int of = peer;
      List<Message> to = sends.stream().filter(m -> m.peer() == of).toList();
      List<Message> from = receives.stream().filter(m -> m.peer() == of).toList();
      if (!to.isEmpty()) {
        out.add(new Outgoing(to));
      }
      if (!from.isEmpty()) {
        in.add(new Incoming(from));
      }
    }
    long start = 0;
    for (int round = 0; !out.isEmpty() || !in.isEmpty(); round++) {
      boolean moved = false;
      for (Outgoing queue : out) {
        moved |= queue.advance();
      }
      for (Incoming queue : in) {
        moved |= queue.advance();
      }
      out.removeIf(Outgoing::isDone);
      in.removeIf(Incoming::isDone);
      if (moved) {
        round = 0;
        start = 0;
      } else {
        start = members.progress() ? 0 : members.idle(round, start);
      }
    }
    members.leave();
  }

  /// The messages to one member.
  private final class Outgoing {
    private final List<Message> messages;
    private final OutgoingMessage current = new OutgoingMessage(group, members);
    private int begun;

    Outgoing(List<Message> messages) {
      this.messages = messages;
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

  /// The messages from one member.
  private final class Incoming {
    private final List<Message> messages;
    private final IncomingMessage current = new IncomingMessage(group, members);
    private int begun;

    Incoming(List<Message> messages) {
      this.messages = messages;
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
