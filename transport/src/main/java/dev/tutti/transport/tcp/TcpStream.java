package dev.tutti.transport.tcp;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.NetworkException;
import org.jspecify.annotations.Nullable;

/// One stream of a link as the thread sees it that owns it: frames out of the [SendLog], frames in
/// through the [FrameReader], over one connection of the [TcpLifeline] after the other.
///
/// Sending goes on over the newest connection, at the byte up to which the peer has received;
/// receiving reads each connection to its end, so old and new may be in use at the same time.
///
/// Used by one thread at a time.
final class TcpStream implements AutoCloseable {
  private static final int CHECK_EVERY = 64; // calls in vain between looks at the connection
  private static final int SCRATCH_BYTES = 256;
  private static final int QUEUE_LENGTH = 192; // in the scratch, behind the message structure
  private static final int POLL_ENTRY = 208;

  // What makes a connection half-open: so many answers are missing, for so long.
  private static final int MISSING_ANSWERS = 3;
  private static final long SILENCE_MILLIS = 2000;

  private final TcpLink link;
  private final SendLog log;
  private final FrameReader reader;
  private final @Nullable FrameChecksum checksum;
  private final StreamRate rate = new StreamRate();
  private final long scratch;

  private @Nullable TcpLifeline lifeline;
  private TcpLifeline.@Nullable Connection writing; // the newest one known
  private TcpLifeline.@Nullable Connection reading; // the oldest one not read to its end
  private int seen; // version of the lifeline
  private int writeFd = -1;
  private @Nullable TlsChannel tls; // of the connection that is written to
  private int readFd = -1;
  private boolean direct; // the peer's kernel acknowledges for the peer
  private boolean missed; // a new connection is being made
  private boolean over; // the peer has said that nothing more will come
  private long farewell; // number of the goodbye
  private String breakdown = "not connected";

  private long sent; // position in the stream up to which the kernel has taken it
  private long cursor; // number of the frame to be written next
  private long offset; // bytes of it that are written
  private int blocked; // calls in vain

  TcpStream(TcpLink link, BufferPool pool) {
    this.link = link;
    this.log = new SendLog(pool);
    this.checksum = link.network().checksum();
    this.reader = new FrameReader(link, this);
    this.scratch = BufferPool.map(SCRATCH_BYTES);
  }

  /// Returns whether frames can be sent.
  boolean isUp() {
    return writeFd >= 0;
  }

  /// Returns whether nothing more will come and all of it has been received.
  boolean isOver() {
    return over && readFd < 0;
  }

  // Connections

  /// Takes over a lifeline that has a connection.
  void attach(TcpLifeline line) {
    lifeline = line;
    line.own(link.network()::serve);
    reader.attach(line.mark());
    adopt(line);
  }

  /// Goes on with the newest connection.
  private void adopt(TcpLifeline line) {
    seen = line.version();
    TcpLifeline.Connection newest = line.newest();
    if (newest == null) {
      writeFd = -1;
      readFd = -1;
      return;
    }
    if (writing == null || newest.attempt() != writing.attempt()) {
      resumeSending(newest);
    }
    if (readFd < 0) {
      boolean _ = resumeReceiving(line);
    }
  }

  private void resumeSending(TcpLifeline.Connection newest) {
    long start = newest.peerHas();
    if (start < log.start() || start > log.end()) {
      throw new NetworkException(
          link.peer(),
          "the connection to rank "
              + link.peer()
              + " broke and cannot go on: it has received "
              + start
              + " bytes, and those from "
              + log.start()
              + " to "
              + log.end()
              + " can be sent");
    }
    writing = newest;
    writeFd = newest.fd();
    tls = newest.tls();
    direct = newest.direct() && checksum == null && tls == null;
    missed = false;
    if (checksum == null) {
      log.acknowledged(start); // the peer reads what its kernel has
    }
    cursor = log.frameAt(start);
    offset = start - log.start(cursor);
    sent = start;
  }

  private boolean resumeReceiving(TcpLifeline line) {
    if (reading != null && !line.dropOldest()) {
      return false;
    }
    TcpLifeline.Connection oldest = line.oldest();
    if (oldest == null) {
      return false;
    }
    if (oldest.start() != reader.position()) {
      throw new NetworkException(
          link.peer(),
          "the connection to rank "
              + link.peer()
              + " broke and cannot go on: "
              + reader.position()
              + " bytes have been received, the next connection begins at "
              + oldest.start());
    }
    reading = oldest;
    readFd = oldest.fd();
    reader.decryptWith(oldest.tls());
    return true;
  }

  /// The connection that is read has been read to its end.
  private void endReading(TcpLifeline line) {
    if (readFd == writeFd) {
      writeFd = -1;
    }
    readFd = -1;
    if (line.version() != seen) {
      adopt(line);
    } else {
      boolean _ = resumeReceiving(line);
    }
    if (readFd < 0) {
      miss(line, "it was closed");
    }
  }

  /// Has the peer send again what arrived damaged, over a new connection: which may well take
  /// another way through the network.
  private void rewind(TcpLifeline line) {
    link.network().damaged();
    line.rewind(reader.position());
    readFd = -1;
    writeFd = -1;
    miss(line, "data were damaged");
  }

  /// Has a new connection made, unless the peer has ended the stream in order.
  private void miss(TcpLifeline line, String why) {
    if (missed || over || writing == null) {
      return;
    }
    missed = true;
    breakdown = why;
    line.missed(writing.attempt());
  }

  /// Sends and receives what can be; returns whether anything moved.
  ///
  /// @throws NetworkException if the connection broke and could not be re-established
  boolean progress() {
    TcpLifeline line = lifeline;
    if (line == null) {
      return false;
    }
    if (line.version() != seen) {
      adopt(line);
    }
    if (!isIdle()) {
      boolean _ = flush();
    }
    boolean moved = false;
    if (readFd >= 0) {
      moved = reader.receive(readFd);
      if (reader.takeDamage()) {
        rewind(line);
      } else if (reader.hasEnded()) {
        endReading(line);
      }
      if (!direct && reader.owesAcknowledgement() && log.hasRoomForControl()) {
        control(FrameHeader.ACK, reader.acknowledge());
      }
    }
    if (missed) {
      checkMending(line);
    }
    return moved;
  }

  /// Sends again what has to be, while the owner is in no operation; returns whether that is done.
  boolean serve() {
    TcpLifeline line = lifeline;
    if (line == null || over) {
      return true;
    }
    if (line.version() != seen) {
      adopt(line);
    }
    return isIdle() || flush() || writeFd < 0;
  }

  private void checkMending(TcpLifeline line) {
    String failure = line.failure();
    if (failure != null) {
      throw new NetworkException(
          link.peer(),
          "the connection to rank " + link.peer() + " broke (" + breakdown + "): " + failure);
    }
  }

  /// Looks whether the peer's host still answers. To be called now and then while waiting: what is
  /// in flight to a host that is gone would be sent again for a quarter of an hour.
  void watch() {
    Sockets.ConnectionInfo info = writeFd < 0 ? null : Sockets.info(writeFd);
    if (info != null
        && Math.max(info.retransmits(), info.probes()) >= MISSING_ANSWERS
        && info.millisSinceAck() >= SILENCE_MILLIS) {
      giveUpConnection("no answer for " + info.millisSinceAck() + " ms");
    }
  }

  private void giveUpConnection(String why) {
    Sockets.shutdown(writeFd); // what has been received can still be read
    writeFd = -1;
    if (lifeline != null) {
      miss(lifeline, why);
    }
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
    if (writeFd < 0 || !flush()) {
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
    seal(frame);
    boolean _ = flush();
    return frame;
  }

  private void control(byte kind, long position) {
    long frame = log.next();
    log.add(0, 0, SendLog.Place.RING);
    FrameHeader.write(log.header(frame), kind, 0, 0, 0, 0, position);
    seal(frame);
    boolean _ = flush();
  }

  private void seal(long frame) {
    if (checksum != null) {
      checksum.seal(log.header(frame), log.payload(frame));
    }
  }

  /// Returns whether a frame has been written.
  boolean hasWritten(long frame) {
    return frame < cursor;
  }

  /// Writes what the socket takes; returns whether all frames have been written.
  boolean flush() {
    while (cursor < log.next()) {
      if (writeFd < 0) {
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
    TlsChannel channel = tls;
    if (channel != null) {
      long headerRest = Math.max(0, FrameHeader.BYTES - offset);
      long payload = log.payload(cursor) + Math.max(0, offset - FrameHeader.BYTES);
      return channel.send(header + offset, headerRest, payload, rest - headerRest);
    }
    if (log.isContiguous(cursor)) {
      return Sockets.send(writeFd, header + offset, rest);
    }
    if (offset < FrameHeader.BYTES) {
      return Sockets.sendMessage(
          writeFd,
          scratch,
          header + offset,
          FrameHeader.BYTES - offset,
          log.payload(cursor),
          bytes);
    }
    return Sockets.send(writeFd, log.payload(cursor) + offset - FrameHeader.BYTES, rest);
  }

  private void checkSending() {
    if (++blocked % CHECK_EVERY == 0) {
      long entry = scratch + POLL_ENTRY;
      Sockets.pollEntry(entry, 0, writeFd, 0);
      int broken = LinuxConstants.POLLHUP | LinuxConstants.POLLERR;
      if (Sockets.poll(entry, 1, 0) > 0 && (Sockets.pollResult(entry, 0) & broken) != 0) {
        giveUpConnection("sending failed");
      }
    }
  }

  /// Returns the bytes that are to be sent or that the peer's kernel has not acknowledged.
  long backlog() {
    int bytes = Sockets.unacknowledged(writeFd, scratch + QUEUE_LENGTH);
    return log.end() - sent + Math.max(bytes, 0);
  }

  /// Returns how fast data go, measured until now.
  ///
  /// @param backlog what [#backlog] has returned just now
  StreamRate rate(long nanos, long backlog) {
    rate.look(nanos, log.end() - backlog, backlog);
    return rate;
  }

  /// Forgets the frames that the peer's kernel has acknowledged, if it speaks for the peer.
  private void refresh() {
    if (direct && writeFd >= 0) {
      int bytes = Sockets.unacknowledged(writeFd, scratch + QUEUE_LENGTH);
      if (bytes >= 0) {
        log.acknowledged(sent - bytes);
      }
    }
  }

  /// The peer has received the stream up to a position; false if that cannot be.
  boolean acknowledged(long position) {
    if (position < 0 || position > log.end()) {
      return false;
    }
    if (position <= log.start(cursor)) {
      log.acknowledged(position);
    }
    return true;
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

  // Waiting

  /// Adds what this stream waits for to a table for [Sockets#poll]; returns the number of entries
  /// afterwards.
  int poll(long table, int entries) {
    int count = entries;
    int in = reader.isHeld() ? 0 : LinuxConstants.POLLIN;
    int out = isIdle() ? 0 : LinuxConstants.POLLOUT;
    if (readFd >= 0 && readFd == writeFd) {
      Sockets.pollEntry(table, count++, readFd, in | out);
    } else {
      if (readFd >= 0 && in != 0) { // an old connection has hung up, so it never waits
        Sockets.pollEntry(table, count++, readFd, in);
      }
      if (writeFd >= 0) {
        Sockets.pollEntry(table, count++, writeFd, out);
      }
    }
    return count;
  }

  // End

  /// The peer says that nothing more will come.
  void goodbye() {
    over = true;
  }

  /// Tells the peer that nothing more will come.
  void sayGoodbye() {
    if (lifeline != null && log.hasRoomForControl()) {
      farewell = log.next();
      control(FrameHeader.GOODBYE, 0);
    }
  }

  /// Returns whether the peer's kernel has everything, or will never have it.
  ///
  /// @throws NetworkException if the connection broke and could not be re-established
  boolean isDelivered() {
    if (lifeline == null || (over && writeFd < 0)) {
      return true;
    }
    boolean _ = progress();
    return writeFd >= 0 && backlog() == 0;
  }

  /// Returns whether the peer has everything, as far as it has to say so itself.
  boolean isAcknowledged() {
    return direct || (over && writeFd < 0) || log.hasForgotten(farewell);
  }

  /// Closes at once.
  @Override
  public void close() {
    readFd = -1;
    writeFd = -1;
    log.close();
    reader.close();
    Linux.munmap(scratch, SCRATCH_BYTES);
  }
}
