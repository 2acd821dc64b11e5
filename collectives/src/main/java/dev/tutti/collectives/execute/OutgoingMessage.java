package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.transport.Channel;
import org.jspecify.annotations.Nullable;

/// A message on its way to a peer: moves on as far as its channel has room.
final class OutgoingMessage implements MessageUnderWay {
  private static final long NOT_BEGUN = -1;

  private final SharedGroup group;
  private final Members members;

  // The message under way.
  private Channel.@Nullable Sender channel; // null if there is none
  private boolean local;
  private long address;
  private long bytes;
  private DataType type = DataType.INT8;
  private long done; // NOT_BEGUN, or bytes of the message that have been sent
  private boolean inPlace; // the peer copies it from the send buffer

  OutgoingMessage(SharedGroup group, Members members) {
    this.group = group;
    this.members = members;
  }

  @Override
  public void begin(long from, long length, DataType of, int peer) {
    channel = members.channels().to(peer, 0);
    local = members.channels().isLocal(peer);
    address = from;
    bytes = length;
    type = of;
    done = NOT_BEGUN;
    inPlace =
        local && length >= MessageHeader.IN_PLACE_BYTES && group.domain.isShared(from, length);
  }

  @Override
  public boolean isDone() {
    return channel == null;
  }

  @Override
  public boolean advance() {
    Channel.Sender to = channel;
    if (to == null) {
      return false;
    }
    if (done == NOT_BEGUN) {
      return sendHeader(to);
    }
    if (inPlace) {
      return to.isDrained() && end();
    }
    int next = (int) Math.min(bytes - done, to.slotBytes());
    if (!to.send(address + done, next)) {
      return false;
    }
    members.wakePeers();
    done += next;
    return done < bytes || end();
  }

  private boolean sendHeader(Channel.Sender to) {
    long slot = to.claim();
    if (slot == Channel.NONE) {
      return false;
    }
    long token = inPlace ? group.domain.token(address) : MessageHeader.NOT_SHARED;
    MessageHeader.write(slot, bytes, type, token);
    long room = local ? to.slotBytes() - MessageHeader.BYTES : MessageHeader.FIRST_BYTES;
    done = inPlace ? 0 : Math.min(bytes, room);
    Memory.copy(slot + MessageHeader.BYTES, address, done);
    to.publish((int) (MessageHeader.BYTES + done));
    members.wakePeers();
    return inPlace || done < bytes || end();
  }

  private boolean end() {
    channel = null;
    return true;
  }
}
