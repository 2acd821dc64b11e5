package dev.tutti.transport.ucx;

import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.Channel;
import dev.tutti.transport.tcp.BufferPool;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The receiving side of a lane: messages in the order in which they were let in.
///
/// A large message that belongs where [#expect] said is received there; others into buffers of the
/// pools. How many of those there are is bounded by what the operation that runs receives in all.
final class UcxReceiver implements Channel.Receiver {
  private final UcxLink link;
  private final UcxWorker worker;
  private final BufferPool slots;
  private final BufferPool smalls;
  private final int slotBytes;
  // Positions of messages in the lane: the sum of the lengths before them.
  private long base; // of the oldest message not released
  private long next; // of the next message to be let in
  private long target;
  private long targetStart; // positions that belong to the target
  private long targetEnd;
  // Messages in order: a ring, whose length is a power of two.
  private long[] addresses = new long[8];
  private int[] lengths = new int[8];
  private long[] requests = new long[8]; // 0 for a message that is there
  private long[] buffers = new long[8]; // to be given back
  private @Nullable BufferPool[] pools = new BufferPool[8];
  private boolean[] headed = new boolean[8]; // the header has to be looked at when it is there
  private int first;
  private int count;

  UcxReceiver(UcxLink link, UcxWorker worker, BufferPool slots, BufferPool smalls, int slotBytes) {
    this.link = link;
    this.worker = worker;
    this.slots = slots;
    this.smalls = smalls;
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

  /// Returns how many messages wait to be released.
  int backlog() {
    return count;
  }

  /// Lets a small message in.
  ///
  /// @param bytes with its header
  void acceptSmall(long message, int bytes) {
    long buffer = smalls.take();
    long address = buffer + MessageHeader.ROOM_BYTES;
    long header = address - MessageHeader.BYTES;
    int i = add(address, bytes - MessageHeader.BYTES, buffer, smalls);
    long ticket = worker.receive(message, header, bytes);
    headed[i] = true;
    begin(i, ticket);
  }

  /// Lets a large message in.
  void acceptLarge(long message, int bytes) {
    boolean expected = next >= targetStart && next + bytes <= targetEnd;
    long buffer = expected ? 0 : slots.take();
    long address = expected ? target + (next - targetStart) : buffer;
    int i = add(address, bytes, buffer, expected ? null : slots);
    headed[i] = false;
    begin(i, worker.receive(message, address, bytes));
  }

  private int add(long address, int bytes, long buffer, @Nullable BufferPool pool) {
    if (count == addresses.length) {
      grow();
    }
    int i = (first + count++) & (addresses.length - 1);
    addresses[i] = address;
    lengths[i] = bytes;
    buffers[i] = buffer;
    pools[i] = pool;
    next += Math.max(bytes, 1);
    return i;
  }

  private void grow() {
    int capacity = 2 * count;
    addresses = Arrays.copyOf(rotated(addresses), capacity);
    requests = Arrays.copyOf(rotated(requests), capacity);
    buffers = Arrays.copyOf(rotated(buffers), capacity);
    int[] newLengths = new int[capacity];
    boolean[] newHeaded = new boolean[capacity];
    @Nullable BufferPool[] newPools = new BufferPool[capacity];
    for (int i = 0; i < count; i++) {
      int from = (first + i) & (count - 1);
      newLengths[i] = lengths[from];
      newHeaded[i] = headed[from];
      newPools[i] = pools[from];
    }
    lengths = newLengths;
    headed = newHeaded;
    pools = newPools;
    first = 0;
  }

  private long[] rotated(long[] ring) {
    long[] result = new long[count];
    for (int i = 0; i < count; i++) {
      result[i] = ring[(first + i) & (count - 1)];
    }
    return result;
  }

  private void begin(int i, long ticket) {
    if (UcxWorker.isError(ticket)) {
      throw link.broken((int) ticket);
    }
    requests[i] = ticket;
    if (!UcxWorker.isRequest(ticket)) {
      arrived(i);
    }
  }

  private void arrived(int i) {
    if (headed[i]) {
      headed[i] = false;
      link.checkHeader(addresses[i] - MessageHeader.BYTES);
    }
  }

  /// @throws dev.tutti.transport.NetworkException if the message can no longer come
  @Override
  public long poll() {
    if (count == 0) {
      link.checkNotOver();
      return NONE;
    }
    return requests[first] == UcxWorker.DONE || isThere() ? addresses[first] : NONE;
  }

  private boolean isThere() {
    int status = worker.status(requests[first]);
    if (UcxWorker.isPending(status)) {
      return false;
    }
    worker.free(requests[first]);
    requests[first] = UcxWorker.DONE;
    if (UcxWorker.isError(status)) {
      throw link.broken(status);
    }
    arrived(first);
    return true;
  }

  @Override
  public int receivedBytes() {
    return lengths[first];
  }

  @Override
  public void release() {
    BufferPool pool = pools[first];
    if (pool != null) {
      pool.give(buffers[first]);
    }
    base += Math.max(lengths[first], 1);
    first = (first + 1) & (addresses.length - 1);
    count--;
  }

  /// Gives the requests of a link that is closed back; returns whether none is under way.
  boolean drop() {
    boolean isIdle = true;
    for (int i = 0; i < count; i++) {
      long request = requests[(first + i) & (requests.length - 1)];
      if (request != UcxWorker.DONE) {
        isIdle &= !UcxWorker.isPending(worker.status(request));
        worker.free(request);
      }
    }
    count = 0;
    return isIdle;
  }
}
