package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.SignatureMismatchException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Takes the frames of one stream in: a state machine that goes on where the socket made it stop,
/// also over the next connection.
///
/// Reads headers, and messages that come with them, into a small buffer; the rest of a large
/// message it reads straight to where it belongs. What a header claims is checked before anything
/// is done with it; nothing is allocated by it.
///
/// Used by one thread at a time.
final class FrameReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 8 << 10;
  private static final int MOST_DAMAGES = 3; // of one frame
  private static final long LOOK_BYTES = 4L << 20; // received at most per call

  private final TcpLink link;
  private final TcpStream stream;
  private final long buffer;

  private final @Nullable FrameChecksum checksum;
  private AtomicLong mark = new AtomicLong(); // of the lifeline
  private long position; // bytes of the stream that have been received
  private boolean ended; // the connection that was read last is at its end
  private @Nullable TlsChannel tls; // of the connection that is read
  private int bufferStart;
  private int bufferEnd;

  private boolean held; // a header has been read, but its operation has not begun
  private boolean open; // a message is being received; the fields below say which
  private int lane;
  private int messageBytes;
  private long messagePosition;
  private int messageChecksum;
  private long landing;
  private long got;
  private boolean fromPool;
  private boolean drop;

  private long frameStart; // position in the stream of the frame begun last
  private boolean damaged; // a frame was; nothing is received before the stream goes on with it
  private long damagedStart = -1; // position of the frame that was damaged last
  private int damages; // how often in a row

  private int frames; // whole ones since they were acknowledged
  private long frameBytes;

  FrameReader(TcpLink link, TcpStream stream) {
    this.link = link;
    this.stream = stream;
    this.checksum = link.network().checksum();
    this.buffer = BufferPool.map(BUFFER_BYTES);
  }

  /// Says where to tell how much has been received.
  void attach(AtomicLong place) {
    mark = place;
  }

  /// Returns how many bytes of the stream have been received.
  long position() {
    return position;
  }

  /// Returns whether a frame waits for its operation to begin; until then nothing is received.
  boolean isHeld() {
    return held;
  }

  /// Returns whether the connection given to [#receive] has been read to its end.
  boolean hasEnded() {
    return ended;
  }

  /// Says what the connection that is read from now on is encrypted with, null for nothing.
  void decryptWith(@Nullable TlsChannel channel) {
    tls = channel;
  }

  /// Receives what is there; returns whether anything was.
  ///
  /// @throws NetworkException if it is not what a peer of the same job sends
  boolean receive(int fd) {
    boolean moved = false;
    boolean drained = false; // the last call took all there was: another would be in vain
    long looked = 0;
    ended = false;
    while (looked < LOOK_BYTES && !damaged) {
      if (held && !release()) {
        return moved;
      }
      if (!open && !held && bufferEnd - bufferStart >= FrameHeader.BYTES) {
        beginFrame();
        moved = true;
      } else if (open && bufferEnd > bufferStart) {
        takeFromBuffer();
      } else if (drained) {
        return moved;
      } else {
        long wanted = open ? messageBytes - got : BUFFER_BYTES - (bufferEnd - bufferStart);
        long bytes = open ? readMessage(fd) : readBuffer(fd);
        drained = bytes < wanted;
        if (bytes <= 0) {
          ended = bytes == 0;
          return moved;
        }
        looked += bytes;
        moved = true;
      }
    }
    return moved;
  }

  private void beginFrame() {
    long header = buffer + bufferStart;
    frameStart = position - (bufferEnd - bufferStart);
    if (checksum != null && !checksum.isSealed(header)) {
      damage("a header");
      return;
    }
    if (FrameHeader.magic(header) != FrameHeader.MAGIC || FrameHeader.bytes(header) < 0) {
      throw garbage();
    }
    switch (FrameHeader.kind(header)) {
      case FrameHeader.DATA -> {
        link.checkMessage(
            FrameHeader.lane(header), FrameHeader.bytes(header), FrameHeader.position(header));
        held = true;
        boolean _ = release();
      }
      case FrameHeader.GOODBYE -> {
        bufferStart += FrameHeader.BYTES;
        frames = SendLog.FRAMES_PER_ACK; // the peer waits for the acknowledgement
        stream.goodbye();
      }
      case FrameHeader.ACK -> {
        bufferStart += FrameHeader.BYTES;
        if (!stream.acknowledged(FrameHeader.position(header))) {
          throw garbage();
        }
        countFrame(0);
      }
      default -> throw garbage();
    }
  }

  private NetworkException garbage() {
    return new NetworkException(link.peer(), "rank " + link.peer() + " sent garbage");
  }

  /// Lets the message whose header lies at the buffer's start in, if its operation has begun.
  private boolean release() {
    long header = buffer + bufferStart;
    TcpNetwork network = link.network();
    TcpReceiver receiver = link.receiver(FrameHeader.lane(header));
    long at = FrameHeader.position(header);
    drop = receiver.isKnown(at);
    if (!drop) {
      long operation = FrameHeader.operation(header);
      if (operation > network.operation()) {
        return false;
      }
      if (operation < network.operation() || FrameHeader.signature(header) != network.signature()) {
        throw new SignatureMismatchException(link.peer(), operation, FrameHeader.signature(header));
      }
    }
    int bytes = FrameHeader.bytes(header);
    fromPool = drop || !receiver.isExpected(at, bytes);
    landing = drop ? link.pool().take() : receiver.landing(at, bytes);
    held = false;
    open = true;
    got = 0;
    lane = FrameHeader.lane(header);
    messageBytes = bytes;
    messageChecksum = FrameHeader.checksum(header);
    messagePosition = at;
    bufferStart += FrameHeader.BYTES;
    if (bytes == 0) {
      endMessage();
    }
    return true;
  }

  private void takeFromBuffer() {
    long bytes = Math.min(bufferEnd - bufferStart, messageBytes - got);
    Memory.copy(landing + got, buffer + bufferStart, bytes);
    bufferStart += (int) bytes;
    advance(bytes);
  }

  /// Receives, and says so to those who may want to know how much, see [TcpLifeline#mark].
  private long receive(int fd, long address, long most) {
    TlsChannel channel = tls;
    long bytes;
    if (channel == null) {
      mark.setRelease(TcpLifeline.TAKING);
      bytes = Sockets.receive(fd, address, most);
    } else if (mark.compareAndSet(position, TcpLifeline.TAKING)) {
      bytes = channel.receive(address, most);
    } else {
      return 0; // a later connection begins here
    }
    if (bytes > 0) {
      position += bytes;
    }
    mark.setRelease(position);
    if (bytes == 0 && channel != null && channel.isTampered()) {
      link.network().damaged();
      countDamage(position, "a record of TLS");
    }
    return bytes;
  }

  private long readMessage(int fd) {
    long bytes = receive(fd, landing + got, messageBytes - got);
    if (bytes > 0) {
      advance(bytes);
    }
    return bytes;
  }

  private void advance(long bytes) {
    got += bytes;
    if (got == messageBytes) {
      endMessage();
    }
  }

  private void endMessage() {
    open = false;
    if (checksum != null && checksum.of(landing, messageBytes) != messageChecksum) {
      if (fromPool) {
        link.pool().give(landing);
      }
      damage("position " + messagePosition + " of lane " + lane);
      return;
    }
    if (drop) {
      link.pool().give(landing);
    } else {
      link.receiver(lane).add(messagePosition, landing, messageBytes, fromPool);
    }
    countFrame(messageBytes);
  }

  private long readBuffer(int fd) {
    if (bufferStart > 0) {
      int rest = bufferEnd - bufferStart;
      if (rest > 0) {
        Memory.copy(buffer, buffer + bufferStart, rest);
      }
      bufferStart = 0;
      bufferEnd = rest;
    }
    long bytes = receive(fd, buffer + bufferEnd, BUFFER_BYTES - bufferEnd);
    if (bytes > 0) {
      bufferEnd += (int) bytes;
    }
    return bytes;
  }

  // Damage

  /// The frame begun last has been damaged on the way: forgets all from its start on.
  ///
  /// @throws NetworkException if that has happened too often
  private void damage(String what) {
    countDamage(frameStart, what);
    damaged = true;
    position = frameStart;
    bufferStart = 0;
    bufferEnd = 0;
  }

  private void countDamage(long start, String what) {
    damages = start == damagedStart ? damages + 1 : 1;
    damagedStart = start;
    if (damages > MOST_DAMAGES) {
      throw new NetworkException(
          link.peer(),
          "data from rank "
              + link.peer()
              + " were damaged on the way "
              + damages
              + " times in a row: "
              + what
              + ", stream position "
              + start);
    }
  }

  /// Returns once whether a frame has been damaged; [#position] then says where it begins.
  boolean takeDamage() {
    boolean result = damaged;
    damaged = false;
    return result;
  }

  // Acknowledgement

  private void countFrame(int bytes) {
    frames++;
    frameBytes += bytes;
  }

  /// Returns whether so much has been received that the peer should be told.
  boolean owesAcknowledgement() {
    return frames >= SendLog.FRAMES_PER_ACK || frameBytes >= SendLog.BYTES_PER_ACK;
  }

  /// Returns the position in the stream up to which all frames have been received whole, to be told
  /// to the peer now.
  long acknowledge() {
    frames = 0;
    frameBytes = 0;
    if (open) {
      return position - (bufferEnd - bufferStart) - got - FrameHeader.BYTES;
    }
    return position - (bufferEnd - bufferStart);
  }

  /// Frees all memory.
  @Override
  public void close() {
    if (open && fromPool) {
      link.pool().give(landing);
    }
    Linux.munmap(buffer, BUFFER_BYTES);
  }
}
