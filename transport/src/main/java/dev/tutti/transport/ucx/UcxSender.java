package dev.tutti.transport.ucx;

import dev.tutti.bindings.Memory;
import dev.tutti.transport.Channel;
import dev.tutti.transport.tcp.BufferPool;

/// The sending side of a lane.
///
/// A message has been sent, as far as the caller is concerned, as soon as UCX knows of it: that of
/// a small one is copied, that of a large one stays the caller's until the lane is drained or
/// [UcxNetwork#settle] has been called.
final class UcxSender implements Channel.Sender {
  private final UcxLink link;
  private final BufferPool slots;
  private final BufferPool smalls;
  private final int lane;
  private final int slotBytes;
  private long claimed; // the buffer that claim() gave out, 0 for none
  private int pending; // messages that are not out

  UcxSender(UcxLink link, BufferPool slots, BufferPool smalls, int lane, int slotBytes) {
    this.link = link;
    this.slots = slots;
    this.smalls = smalls;
    this.lane = lane;
    this.slotBytes = slotBytes;
  }

  @Override
  public int slotBytes() {
    return slotBytes;
  }

  @Override
  public long claim() {
    if (!link.hasRoom()) {
      return NONE;
    }
    if (claimed == 0) {
      claimed = slots.take();
    }
    return claimed + MessageHeader.ROOM_BYTES;
  }

  @Override
  public void publish(int bytes) {
    boolean out =
        bytes <= MessageHeader.SMALL_BYTES
            ? link.sendSmall(this, lane, claimed, bytes, slots)
            : link.sendLarge(this, lane, claimed + MessageHeader.ROOM_BYTES, bytes, claimed, slots);
    if (!out) {
      pending++;
      claimed = 0; // goes back to the pool later
    }
  }

  @Override
  public boolean send(long source, int bytes) {
    if (!link.hasRoom()) {
      return false;
    }
    if (bytes > MessageHeader.SMALL_BYTES) {
      if (!link.sendLarge(this, lane, source, bytes, 0, null)) {
        pending++;
      }
      return true;
    }
    long buffer = smalls.take();
    Memory.copy(buffer + MessageHeader.ROOM_BYTES, source, bytes);
    if (link.sendSmall(this, lane, buffer, bytes, smalls)) {
      smalls.give(buffer);
    } else {
      pending++;
    }
    return true;
  }

  /// A message is out.
  void out() {
    pending--;
  }

  @Override
  public boolean isDrained() {
    if (pending > 0) {
      link.poll();
    }
    return pending == 0;
  }
}
