package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.MismatchException;
import dev.tutti.transport.Channel;
import dev.tutti.transport.Waiter;

/// Point-to-point messages: blocking send and receive between two members, in order.
///
/// A message travels slice by slice through the channel's slots. Its first slot begins with a
/// header:
///
/// ```
///   +0  bytes of the message   +8  data type   +16 token of the send buffer, or NOT_SHARED
/// ```
///
/// A large message in shared memory is not copied into slots: the receiver copies straight from the
/// send buffer, and the sender returns when the receiver has given the header's slot back.
public final class MessagePort {
  private static final int HEADER_BYTES = 64;
  private static final int TYPE = 8;
  private static final int TOKEN = 16;
  private static final long NOT_SHARED = -1;
  private static final long IN_PLACE_BYTES = 16 << 10;

  /// How much of a message travels with its header over the network.
  private static final long FIRST_BYTES = 4 << 10;

  private final SharedGroup group;
  private final Members members;

  /// Makes the port.
  ///
  /// @param group the members that share memory
  /// @param members all members, connected by one lane for messages alone
  MessagePort(SharedGroup group, Members members) {
    this.group = group;
    this.members = members;
  }

  /// Sets who hears of long waits for messages.
  void observe(Waiter.Observer observer) {
    members.observe(observer);
  }

  /// Sends `bytes` bytes to a peer; returns when the buffer may be reused.
  public void send(long address, long bytes, DataType type, int peer) {
    Channel.Sender channel = members.channels().to(peer, 0);
    long slot = claim(channel);
    boolean inPlace =
        members.channels().isLocal(peer)
            && bytes >= IN_PLACE_BYTES
            && group.domain.isShared(address, bytes);
    Memory.putLong(slot, bytes);
    Memory.putLong(slot + TYPE, type.ordinal());
    Memory.putLong(slot + TOKEN, inPlace ? group.domain.token(address) : NOT_SHARED);
    if (inPlace) {
      publish(channel, HEADER_BYTES);
      drain(channel);
      return;
    }
    long first =
        members.channels().isLocal(peer) ? channel.slotBytes() - HEADER_BYTES : FIRST_BYTES;
    long done = Math.min(bytes, first);
    Memory.copy(slot + HEADER_BYTES, address, done);
    publish(channel, (int) (HEADER_BYTES + done));
    while (done < bytes) {
      long next = Math.min(bytes - done, channel.slotBytes());
      members.send(channel, address + done, (int) next);
      done += next;
    }
    members.leave();
  }

  /// Receives `bytes` bytes from a peer.
  ///
  /// @throws MismatchException if the peer sent another size or type
  public void receive(long address, long bytes, DataType type, int peer) {
    Channel.Receiver channel = members.channels().from(peer, 0);
    long slot = members.await(channel);
    long sentBytes = Memory.getLong(slot);
    DataType sentType = DataType.values()[(int) Memory.getLong(slot + TYPE)];
    if (sentBytes != bytes || sentType != type) {
      throw new MismatchException(
          "rank "
              + peer
              + " sent "
              + sentBytes / sentType.bytes()
              + " "
              + sentType
              + ", rank "
              + members.index()
              + " receives "
              + bytes / type.bytes()
              + " "
              + type,
          members.index(),
          group.operation,
          null);
    }
    long token = Memory.getLong(slot + TOKEN);
    if (token != NOT_SHARED) {
      Memory.copy(address, group.addressOf(members.channels().local(peer), token), bytes);
      members.release(channel);
      return;
    }
    long done = (long) channel.receivedBytes() - HEADER_BYTES;
    Memory.copy(address, slot + HEADER_BYTES, done);
    members.release(channel);
    if (done < bytes) {
      channel.expect(address + done, bytes - done);
    }
    while (done < bytes) {
      long source = members.await(channel);
      int next = channel.receivedBytes();
      if (source != address + done) {
        Memory.copy(address + done, source, next);
      }
      members.release(channel);
      done += next;
    }
  }

  private long claim(Channel.Sender channel) {
    long start = 0;
    for (int round = 0; ; round++) {
      long slot = channel.claim();
      if (slot != Channel.NONE) {
        return slot;
      }
      start = members.progress() ? 0 : members.idle(round, start);
    }
  }

  private void drain(Channel.Sender channel) {
    long start = 0;
    for (int round = 0; !channel.isDrained(); round++) {
      start = members.progress() ? 0 : members.idle(round, start);
    }
  }

  private void publish(Channel.Sender channel, int bytes) {
    channel.publish(bytes);
    members.wakePeers();
  }
}
