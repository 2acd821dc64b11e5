package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;

/// The frames of one stream that the peer may not have yet, in the order of sending.
///
/// When a connection breaks, the next one goes on with the first byte that the peer has not
/// received, so a frame's data must stay until they are acknowledged: small messages are copied
/// behind their header into a ring, larger ones are sent from where they are and copied only if
/// that memory is about to change ([#settle]) before the acknowledgement. [TcpLifeline] says whose
/// acknowledgement counts.
///
/// Capacity bounds the frames in flight; a full log makes the sender wait. Frames that control the
/// stream have some room of their own, so that two full logs cannot wait for each other.
///
/// Used by one thread at a time.
final class SendLog implements AutoCloseable {
  /// Where a frame's data lie.
  enum Place {
    /// Behind the header in the ring.
    RING,
    /// In the caller's memory.
    CALLER,
    /// In a buffer of the pool, which goes back to it.
    POOL,
    /// Among others in a buffer of the pool.
    PACKED
  }

  /// How many frames can be in flight.
  static final int FRAMES = 1024; // a power of two

  private static final int RING_BYTES = 1 << 20;

  /// After so many frames or bytes an acknowledgement is due, if the kernel's does not count. There
  /// is room for one for each so many frames of a full log, and for a goodbye.
  static final int FRAMES_PER_ACK = 64;

  static final long BYTES_PER_ACK = 256 << 10;
  private static final int CONTROL_FRAMES = FRAMES / FRAMES_PER_ACK + 1;

  /// So many frames may have a buffer each, however little they need of it: the copy that packs
  /// them is made only for a peer that lags behind.
  private static final int ROOMY_FRAMES = 8;

  private final BufferPool pool;
  private final PackedCopies copies;
  private final long ring;
  private final long[] header = new long[FRAMES];
  private final long[] payload = new long[FRAMES];
  private final int[] bytes = new int[FRAMES];
  private final long[] end = new long[FRAMES]; // offset in the stream behind the frame
  private final long[] ringEnd = new long[FRAMES]; // ring bytes used by this and all before
  private final long[] packedIn = new long[FRAMES]; // the buffer that it shares
  private final Place[] place = new Place[FRAMES];
  private long first; // number of the oldest frame
  private long next; // number of the next frame
  private long ringHead; // ring bytes used in all, skipped ones included
  private long ringTail; // of those, free again
  private int callers; // frames whose data lie in the caller's memory
  private int roomy; // frames that have a buffer of the pool each
  private long streamStart; // offset in the stream at which the oldest frame begins
  private long streamEnd;

  SendLog(BufferPool pool) {
    this.pool = pool;
    this.copies = new PackedCopies(pool);
    this.ring = BufferPool.map(RING_BYTES);
  }

  /// Returns whether a frame with so much data in the ring can be added.
  boolean hasRoom(int ringBytes) {
    return next - first < FRAMES - CONTROL_FRAMES
        && ringHead + room(ringBytes) - ringTail <= RING_BYTES - CONTROL_FRAMES * length(0);
  }

  /// Returns whether a frame without data that controls the stream can be added.
  boolean hasRoomForControl() {
    return next - first < FRAMES && ringHead + room(0) - ringTail <= RING_BYTES;
  }

  /// Returns the ring bytes a frame takes, those skipped at the ring's end included.
  private long room(int ringBytes) {
    long length = length(ringBytes);
    long offset = ringHead & (RING_BYTES - 1);
    return offset + length <= RING_BYTES ? length : RING_BYTES - offset + length;
  }

  private static long length(int ringBytes) {
    return (FrameHeader.BYTES + ringBytes + 63L) & -64L;
  }

  /// Adds a frame whose header the caller then writes to [#header]; the log must have room.
  ///
  /// @param address of the data; copied if `where` is RING
  void add(long address, int length, Place where) {
    int ringBytes = where == Place.RING ? length : 0;
    ringHead += room(ringBytes);
    long at = ring + ((ringHead - length(ringBytes)) & (RING_BYTES - 1));
    int i = (int) (next & (FRAMES - 1));
    header[i] = at;
    payload[i] = where == Place.RING ? at + FrameHeader.BYTES : address;
    bytes[i] = length;
    place[i] = where;
    ringEnd[i] = ringHead;
    streamEnd += FrameHeader.BYTES + length;
    end[i] = streamEnd;
    next++;
    if (where == Place.RING) {
      Memory.copy(at + FrameHeader.BYTES, address, length);
    } else if (where == Place.CALLER) {
      callers++;
    } else if (roomy >= ROOMY_FRAMES && copies.takes(length)) {
      pack(i);
      pool.give(address);
    } else {
      roomy++;
    }
  }

  private void pack(int i) {
    payload[i] = copies.add(payload[i], bytes[i]);
    packedIn[i] = copies.buffer();
    place[i] = Place.PACKED;
  }

  /// Returns the number of the next frame to be added.
  long next() {
    return next;
  }

  /// Returns whether a frame has been acknowledged.
  boolean hasForgotten(long frame) {
    return frame < first;
  }

  /// Returns the offset in the stream at which the oldest frame begins.
  long start() {
    return streamStart;
  }

  /// Returns the offset in the stream behind the newest frame.
  long end() {
    return streamEnd;
  }

  /// Returns the offset in the stream at which a frame begins, or where the oldest one begins if it
  /// is forgotten.
  long start(long frame) {
    return frame <= first ? streamStart : end[(int) ((frame - 1) & (FRAMES - 1))];
  }

  /// Returns the number of the frame that holds the byte at an offset of the stream.
  long frameAt(long offset) {
    long frame = first;
    while (frame < next && end[(int) (frame & (FRAMES - 1))] <= offset) {
      frame++;
    }
    return frame;
  }

  long header(long frame) {
    return header[(int) (frame & (FRAMES - 1))];
  }

  long payload(long frame) {
    return payload[(int) (frame & (FRAMES - 1))];
  }

  int bytes(long frame) {
    return bytes[(int) (frame & (FRAMES - 1))];
  }

  boolean isContiguous(long frame) {
    return place[(int) (frame & (FRAMES - 1))] == Place.RING;
  }

  /// Forgets the frames that end at or before an offset in the stream.
  void acknowledged(long offset) {
    while (first < next && end[(int) (first & (FRAMES - 1))] <= offset) {
      int i = (int) (first & (FRAMES - 1));
      switch (place[i]) {
        case POOL -> {
          pool.give(payload[i]);
          roomy--;
        }
        case PACKED -> copies.release(packedIn[i]);
        case CALLER -> callers--;
        case RING -> {}
      }
      ringTail = ringEnd[i];
      streamStart = end[i];
      first++;
    }
  }

  /// Returns whether any frame lies in memory of the caller that overlaps a range.
  boolean overlaps(long address, long length) {
    if (callers == 0) {
      return false;
    }
    for (long frame = first; frame < next; frame++) {
      int i = (int) (frame & (FRAMES - 1));
      if (place[i] == Place.CALLER
          && payload[i] < address + length
          && address < payload[i] + bytes[i]) {
        return true;
      }
    }
    return false;
  }

  /// Returns whether any frame lies in memory of the caller.
  boolean hasCallers() {
    return callers > 0;
  }

  /// Copies what lies in a range of the caller's memory.
  void settle(long address, long length) {
    for (long frame = first; frame < next && callers > 0; frame++) {
      int i = (int) (frame & (FRAMES - 1));
      if (place[i] == Place.CALLER
          && payload[i] < address + length
          && address < payload[i] + bytes[i]) {
        callers--;
        if (copies.takes(bytes[i])) {
          pack(i);
        } else {
          long copy = pool.take();
          Memory.copy(copy, payload[i], bytes[i]);
          payload[i] = copy;
          place[i] = Place.POOL;
          roomy++;
        }
      }
    }
  }

  @Override
  public void close() {
    Linux.munmap(ring, RING_BYTES);
  }
}
