package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.MismatchException;
import dev.tutti.transport.Channel;
import org.jspecify.annotations.Nullable;

/// A message that is expected from a peer: takes what has arrived.
final class IncomingMessage implements MessageUnderWay {
  private static final long NOT_BEGUN = -1;

  private final SharedGroup group;
  private final Members members;

  // The message under way.
  private Channel.@Nullable Receiver channel; // null if there is none
  private int peer;
  private long address;
  private long bytes;
  private DataType type = DataType.INT8;
  private long done; // NOT_BEGUN, or bytes of the message that are there

  IncomingMessage(SharedGroup group, Members members) {
    this.group = group;
    this.members = members;
  }

  @Override
  public void begin(long to, long length, DataType of, int from) {
    channel = members.channels().from(from, 0);
    peer = from;
    address = to;
    bytes = length;
    type = of;
    done = NOT_BEGUN;
  }

  @Override
  public boolean isDone() {
    return channel == null;
  }

  @Override
  public boolean advance() {
    Channel.Receiver from = channel;
    if (from == null) {
      return false;
    }
    long slot = from.poll();
    if (slot == Channel.NONE) {
      return false;
    }
    if (done == NOT_BEGUN) {
      return takeHeader(from, slot);
    }
    int next = from.receivedBytes();
    if (slot != address + done) {
      Memory.copy(address + done, slot, next);
    }
    members.release(from);
    done += next;
    return done < bytes || end();
  }

  private boolean takeHeader(Channel.Receiver from, long slot) {
    check(MessageHeader.bytes(slot), MessageHeader.type(slot));
    long token = MessageHeader.token(slot);
    if (token != MessageHeader.NOT_SHARED) {
      Memory.copy(address, group.addressOf(members.channels().local(peer), token), bytes);
      members.release(from);
      return end();
    }
    done = (long) from.receivedBytes() - MessageHeader.BYTES;
    Memory.copy(address, slot + MessageHeader.BYTES, done);
    members.release(from);
    if (done == bytes) {
      return end();
    }
    from.expect(address + done, bytes - done);
    return true;
  }

  private void check(long sentBytes, DataType sentType) {
    if (sentBytes == bytes && sentType == type) {
      return;
    }
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

  private boolean end() {
    channel = null;
    return true;
  }
}
