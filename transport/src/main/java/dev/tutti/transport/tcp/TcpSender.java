package dev.tutti.transport.tcp;

import dev.tutti.transport.Channel;
import org.jspecify.annotations.Nullable;

/// The sending side of a lane: hands each message to a connection of the link that has none under
/// way.
final class TcpSender implements Channel.Sender {
  /// Messages up to this size are copied behind their header: one piece, and the caller's memory is
  /// free at once.
  static final int COPIED_BYTES = 16 << 10;

  private final TcpLink link;
  private final BufferPool pool;
  private final int lane;
  private final int slotBytes;
  private long position;
  private long claimed; // the buffer that claim() gave out, 0 for none
  private int queued = -1; // bytes in the claimed buffer that wait for a connection, -1 for none
  private @Nullable TcpStream under; // carries the message of send() that is under way
  private long frame; // number of that message on its connection

  TcpSender(TcpLink link, BufferPool pool, int lane, int slotBytes) {
    this.link = link;
    this.pool = pool;
    this.lane = lane;
    this.slotBytes = slotBytes;
  }

  @Override
  public int slotBytes() {
    return slotBytes;
  }

  @Override
  public long claim() {
    if (queued >= 0 && !startQueued()) {
      return NONE;
    }
    if (claimed == 0) {
      claimed = pool.take();
    }
    return claimed;
  }

  @Override
  public void publish(int bytes) {
    queued = bytes;
    if (!startQueued()) {
      link.keepWaiting(this);
    }
  }

  /// Starts the message that waits for a connection, if one has room; returns whether it waits no
  /// longer.
  boolean resume() {
    return queued < 0 || startQueued();
  }

  private boolean startQueued() {
    boolean copied = queued <= COPIED_BYTES;
    TcpStream stream = link.idleStream(copied ? queued : 0);
    if (stream == null) {
      return false;
    }
    SendLog.Place place = copied ? SendLog.Place.RING : SendLog.Place.POOL;
    frame = stream.start(lane, position, claimed, queued, place);
    position += FrameHeader.advance(queued);
    if (!copied) {
      claimed = 0; // the log gives it back
    }
    queued = -1;
    return true;
  }

  @Override
  public boolean send(long source, int bytes) {
    TcpStream carrier = under;
    if (carrier == null) {
      if (queued >= 0 && !startQueued()) {
        return false;
      }
      boolean copied = bytes <= COPIED_BYTES;
      carrier = link.idleStream(copied ? bytes : 0);
      if (carrier == null) {
        return false;
      }
      SendLog.Place place = copied ? SendLog.Place.RING : SendLog.Place.CALLER;
      frame = carrier.start(lane, position, source, bytes, place);
      position += FrameHeader.advance(bytes);
      if (copied || carrier.hasWritten(frame)) {
        return true;
      }
      under = carrier;
      return false;
    }
    boolean _ = carrier.flush();
    if (!carrier.hasWritten(frame)) {
      return false;
    }
    under = null;
    return true;
  }

  @Override
  public boolean isDrained() {
    if (queued >= 0 && !startQueued()) {
      return false;
    }
    // Messages before the last may have taken another, slower connection.
    return under == null && link.flush();
  }
}
