package dev.tutti.transport.tcp;

import dev.tutti.transport.Channel;
import dev.tutti.transport.NetworkException;
import java.util.Arrays;

/// The receiving side of a lane: puts the messages of all connections in order.
///
/// A message that belongs where [#expect] said is received there; another one into a buffer of the
/// pool. How many of those there are is bounded by what the operation that runs receives in all,
/// because messages of later operations stay in their connections.
final class TcpReceiver implements Channel.Receiver {
  private final TcpLink link;
  private final BufferPool pool;
  private final int slotBytes;
  private long base; // position of the oldest message not released
  private long next; // position behind the message received last
  private long target;
  private long targetStart; // positions that belong to the target
  private long targetEnd;
  // Messages that have arrived, by position; the first `count` entries.
  private long[] positions = new long[4];
  private long[] addresses = new long[4];
  private int[] lengths = new int[4];
  private boolean[] pooled = new boolean[4];
  private int count;

  TcpReceiver(TcpLink link, BufferPool pool, int slotBytes) {
    this.link = link;
    this.pool = pool;
    this.slotBytes = slotBytes;
  }

  @Override
  public int slotBytes() {
    return slotBytes;
  }

  @Override
  public void expect(long address, long bytes) {
    target = address;
    targetStart = base;
    targetEnd = base + bytes;
  }

  /// Returns whether a message may begin at a position: where the last one of a single stream
  /// ended, or not further ahead than several streams can get.
  boolean isPlausible(long position, int streams) {
    return streams == 1
        ? position == next
        : position >= 0 && position - base <= (long) streams * SendLog.FRAMES * slotBytes;
  }

  /// Returns whether a message has been received before.
  boolean isKnown(long position) {
    if (position < base) {
      return true;
    }
    for (int i = 0; i < count; i++) {
      if (positions[i] == position) {
        return true;
      }
    }
    return false;
  }

  /// Returns where a message goes.
  long landing(long position, int bytes) {
    return isExpected(position, bytes) ? target + (position - targetStart) : pool.take();
  }

  /// Returns whether the landing is the target.
  boolean isExpected(long position, int bytes) {
    return bytes > 0 && position >= targetStart && position + bytes <= targetEnd;
  }

  /// Adds a message that has been received.
  void add(long position, long address, int bytes, boolean fromPool) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, 2 * count);
      addresses = Arrays.copyOf(addresses, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
      pooled = Arrays.copyOf(pooled, 2 * count);
    }
    next = position + FrameHeader.advance(bytes);
    int i = count++;
    while (i > 0 && positions[i - 1] > position) {
      move(i - 1, i);
      i--;
    }
    positions[i] = position;
    addresses[i] = address;
    lengths[i] = bytes;
    pooled[i] = fromPool;
  }

  private void move(int from, int to) {
    positions[to] = positions[from];
    addresses[to] = addresses[from];
    lengths[to] = lengths[from];
    pooled[to] = pooled[from];
  }

  /// @throws NetworkException if the message can no longer come
  @Override
  public long poll() {
    if (count > 0 && positions[0] == base) {
      return addresses[0];
    }
    if (link.isOver()) {
      throw new NetworkException(
          link.peer(), "rank " + link.peer() + " closed its communicator before this operation");
    }
    return NONE;
  }

  @Override
  public int receivedBytes() {
    return lengths[0];
  }

  @Override
  public void release() {
    if (pooled[0]) {
      pool.give(addresses[0]);
    }
    base += FrameHeader.advance(lengths[0]);
    count--;
    for (int i = 0; i < count; i++) {
      move(i + 1, i);
    }
  }
}
