package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.SignatureMismatchException;

/// One connection of a link, and what it carries: frames out of the [SendLog], frames in to the
/// lanes' receivers.
///
/// Both directions are state machines that go on where the socket made them stop. The receiving one
/// reads headers, and messages that come with them, into a small buffer; the rest of a large
/// message it reads straight to where it belongs.
///
/// Used by one thread at a time.
final class TcpStream implements AutoCloseable {
  private static final int BUFFER_BYTES = 8 << 10;
  private static final int CHECK_EVERY = 64; // calls in vain between looks at the connection
  private static final long LOOK_BYTES = 4L << 20; // received at most per call
  private static final int SCRATCH_BYTES = 256; // message structure, then the queue length
  private static final int QUEUE_LENGTH = 192;

  private final TcpLink link;
  private final SendLog log;
  private final long scratch;
  private final long buffer;
  private int fd = -1;
  private boolean goodbye; // the peer has said that nothing more will come
  private String breakdown = "not connected";

  private long sent; // bytes taken by the kernel
  private long cursor; // number of the frame to be written next
  private long offset; // bytes of it that are written
  private int blocked; // calls in vain

  private int bufferStart;
  private int bufferEnd;
  private boolean open; // a message is being received
  private boolean held; // its header has been read, but its operation has not begun
  private long landing;
  private long got;
  private boolean fromPool;
  private boolean drop;

  TcpStream(TcpLink link, BufferPool pool) {
    this.link = link;
    this.log = new SendLog(pool);
    this.scratch = BufferPool.map(SCRATCH_BYTES + BUFFER_BYTES);
    this.buffer = scratch + SCRATCH_BYTES;
  }

  int fd() {
    return fd;
  }

  boolean isUp() {
    return fd >= 0;
  }

  /// Returns why the connection is down.
  String breakdown() {
    return breakdown;
  }

  boolean hasGoodbye() {
    return goodbye;
  }

  /// Takes over a connected socket; what the peer may not have is sent again.
  void attach(int socket) {
    close(fd);
    fd = socket;
    if (fromPool && (open || held)) {
      link.pool().give(landing);
    }
    open = false;
    held = false;
    fromPool = false;
    bufferStart = 0;
    bufferEnd = 0;
    sent = 0;
    cursor = log.first();
    offset = 0;
    log.restart();
  }

  // Sending

  /// Returns whether all frames have been written.
  boolean isIdle() {
    return cursor == log.next();
  }

  /// Returns whether a frame can be started at once.
  ///
  /// @param ringBytes length of the message if it is to be copied, else 0
  boolean canStart(int ringBytes) {
    if (fd < 0 || !flush()) {
      return false;
    }
    if (!log.hasRoom(ringBytes)) {
      refresh();
    }
    return log.hasRoom(ringBytes);
  }

  /// Starts a frame and returns its number.
  long start(int lane, long position, long address, int bytes, SendLog.Place place) {
    long frame = log.next();
    log.add(address, bytes, place);
    TcpNetwork network = link.network();
    FrameHeader.write(
        log.header(frame),
        FrameHeader.DATA,
        lane,
        bytes,
        network.operation(),
        network.signature(),
        position);
    boolean _ = flush();
    return frame;
  }

  /// Returns whether a frame has been written.
  boolean hasWritten(long frame) {
    return frame < cursor;
  }

  /// Writes what the socket takes; returns whether all frames have been written.
  boolean flush() {
    while (cursor < log.next()) {
      if (fd < 0) {
        return false;
      }
      long written = write();
      if (written < 0) {
        checkSending();
        return false;
      }
      blocked = 0;
      sent += written;
      offset += written;
      if (offset == FrameHeader.BYTES + log.bytes(cursor)) {
        cursor++;
        offset = 0;
      }
    }
    return true;
  }

  private long write() {
    long header = log.header(cursor);
    long bytes = log.bytes(cursor);
    long rest = FrameHeader.BYTES + bytes - offset;
    if (log.isContiguous(cursor)) {
      return Sockets.send(fd, header + offset, rest);
    }
    if (offset < FrameHeader.BYTES) {
      return Sockets.sendMessage(
          fd, scratch, header + offset, FrameHeader.BYTES - offset, log.payload(cursor), bytes);
    }
    return Sockets.send(fd, log.payload(cursor) + offset - FrameHeader.BYTES, rest);
  }

  private void checkSending() {
    if (++blocked % CHECK_EVERY == 0) {
      int error = Sockets.error(fd);
      if (error != 0) {
        breakDown("sending failed: " + Errno.name(error));
      }
    }
  }

  /// Returns the bytes that the peer's kernel has not acknowledged.
  long backlog() {
    int bytes = Sockets.unacknowledged(fd, scratch + QUEUE_LENGTH);
    return Math.max(bytes, 0);
  }

  /// Forgets the frames that the peer's kernel has acknowledged.
  void refresh() {
    if (fd >= 0) {
      int bytes = Sockets.unacknowledged(fd, scratch + QUEUE_LENGTH);
      if (bytes >= 0) {
        log.acknowledged(sent - bytes);
      }
    }
  }

  /// Copies unacknowledged data out of memory that is going to change.
  void settle(long address, long bytes) {
    if (log.overlaps(address, bytes)) {
      refresh();
      log.settle(address, bytes);
    }
  }

  /// Copies unacknowledged data out of all memory of the caller.
  void settleAll() {
    if (log.hasCallers()) {
      refresh();
      log.settle(0, Long.MAX_VALUE);
    }
  }

  // Receiving

  /// Receives what is there; returns whether anything was.
  boolean receive() {
    boolean moved = false;
    long looked = 0;
    while (fd >= 0 && looked < LOOK_BYTES) {
      if (held && !release()) {
        return moved;
      }
      if (!open && !held && bufferEnd - bufferStart >= FrameHeader.BYTES) {
        beginMessage();
        moved = true;
      } else if (open && bufferEnd > bufferStart) {
        takeFromBuffer();
      } else {
        long bytes = open ? readMessage() : readBuffer();
        if (bytes <= 0) {
          return moved;
        }
        looked += bytes;
        moved = true;
      }
    }
    return moved;
  }

  private void beginMessage() {
    long header = buffer + bufferStart;
    if (FrameHeader.magic(header) != FrameHeader.MAGIC || FrameHeader.bytes(header) < 0) {
      throw new NetworkException(link.peer(), "peer " + link.peer() + " sent garbage");
    }
    if (FrameHeader.kind(header) == FrameHeader.GOODBYE) {
      bufferStart += FrameHeader.BYTES;
      goodbye = true;
      return;
    }
    link.checkLane(FrameHeader.lane(header), FrameHeader.bytes(header));
    held = true;
    boolean _ = release();
  }

  /// Lets the message whose header lies at the buffer's start in, if its operation has begun.
  private boolean release() {
    long header = buffer + bufferStart;
    TcpNetwork network = link.network();
    TcpReceiver receiver = link.receiver(FrameHeader.lane(header));
    long position = FrameHeader.position(header);
    drop = receiver.isKnown(position);
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
    fromPool = drop || !receiver.isExpected(position, bytes);
    landing = drop ? link.pool().take() : receiver.landing(position, bytes);
    held = false;
    open = true;
    got = 0;
    // The header stays valid at the buffer's start until the next one is read behind it.
    lane = FrameHeader.lane(header);
    messageBytes = bytes;
    messagePosition = position;
    bufferStart += FrameHeader.BYTES;
    if (bytes == 0) {
      endMessage();
    }
    return true;
  }

  private int lane;
  private int messageBytes;
  private long messagePosition;

  private void takeFromBuffer() {
    long bytes = Math.min(bufferEnd - bufferStart, messageBytes - got);
    Memory.copy(landing + got, buffer + bufferStart, bytes);
    bufferStart += (int) bytes;
    advance(bytes);
  }

  private long readMessage() {
    long bytes = Sockets.receive(fd, landing + got, messageBytes - got);
    if (bytes > 0) {
      blocked = 0;
      advance(bytes);
      return bytes;
    }
    checkReceiving(bytes);
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
    if (drop) {
      link.pool().give(landing);
    } else {
      link.receiver(lane).add(messagePosition, landing, messageBytes, fromPool);
    }
    fromPool = false;
  }

  private long readBuffer() {
    if (bufferStart > 0) {
      int rest = bufferEnd - bufferStart;
      if (rest > 0) {
        Memory.copy(buffer, buffer + bufferStart, rest);
      }
      bufferStart = 0;
      bufferEnd = rest;
    }
    long bytes = Sockets.receive(fd, buffer + bufferEnd, BUFFER_BYTES - bufferEnd);
    if (bytes > 0) {
      blocked = 0;
      bufferEnd += (int) bytes;
      return bytes;
    }
    checkReceiving(bytes);
    return bytes;
  }

  private void checkReceiving(long result) {
    if (result == 0) {
      breakDown("the peer closed the connection");
    } else if (++blocked % CHECK_EVERY == 0) {
      int error = Sockets.error(fd);
      if (error != 0) {
        breakDown("receiving failed: " + Errno.name(error));
      }
    }
  }

  // End

  private void breakDown(String why) {
    breakdown = why;
    close(fd);
    fd = -1;
    link.network().brokenDown(link);
  }

  private static void close(int socket) {
    if (socket >= 0) {
      Linux.close(socket);
    }
  }

  /// Tells the peer that nothing more will come.
  void sayGoodbye() {
    if (fd >= 0 && log.hasRoom(0)) {
      long frame = log.next();
      log.add(0, 0, SendLog.Place.RING);
      FrameHeader.write(log.header(frame), FrameHeader.GOODBYE, 0, 0, 0, 0, 0);
      boolean _ = flush();
    }
  }

  /// Returns whether the peer's kernel has everything, or will never have it.
  boolean isDelivered() {
    if (fd < 0) {
      return true;
    }
    boolean _ = flush();
    refresh();
    return fd < 0 || log.first() == log.next() || Sockets.error(fd) != 0;
  }

  /// Closes at once.
  @Override
  public void close() {
    close(fd);
    fd = -1;
    log.close();
    Linux.munmap(scratch, SCRATCH_BYTES + BUFFER_BYTES);
  }
}
