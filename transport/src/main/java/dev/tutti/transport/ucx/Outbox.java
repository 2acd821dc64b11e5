package dev.tutti.transport.ucx;

import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.tcp.BufferPool;
import org.jspecify.annotations.Nullable;

/// What has been sent to one peer and is not out yet, and how much the peer has not taken yet.
///
/// UCX takes small messages at once whether the receiver wants them or not, and the receiver's UCX
/// keeps them. So the sender counts: after every quarter of [#WINDOW_BYTES] it sends a *credit*, an
/// empty message whose request ends when the receiver takes it, which it does in order; while more
/// than the window is out without a credit having come back, nothing more is sent.
///
/// Used by one thread at a time.
final class Outbox {
  /// Most that a peer has not taken.
  static final long WINDOW_BYTES = 4 << 20;

  /// So much a socket takes without help from the peer.
  private static final long SURELY_OUT_BYTES = 64 << 10;

  /// What a message counts at least: UCX keeps a buffer of 8 KiB for it.
  private static final long LEAST_CHARGE = 8 << 10;

  private static final int MOST = 64; // messages under way; one or two more may be added
  private static final int CAPACITY = 4 * MOST;
  private static final long NO_CREDIT = -1;

  private final UcxWorker worker;
  private final UcxLink link;
  private final long[] requests = new long[CAPACITY];
  private final long[] addresses = new long[CAPACITY];
  private final long[] lengths = new long[CAPACITY];
  private final long[] buffers = new long[CAPACITY]; // to be given back
  private final @Nullable BufferPool[] pools = new BufferPool[CAPACITY];
  private final @Nullable UcxSender[] owners = new UcxSender[CAPACITY];
  private final long[] credits = new long[CAPACITY]; // charge at a credit, NO_CREDIT for others
  private final long[] bytesAt = new long[CAPACITY]; // sent in all, at a credit
  private int count;
  private int creditCount;
  private long bytes; // sent in all
  private long charged;
  private long lastCredit; // charge when the last credit was sent
  private long taken; // charge when the last credit that came back was sent
  private long bytesTaken; // sent in all at that time

  Outbox(UcxWorker worker, UcxLink link) {
    this.worker = worker;
    this.link = link;
  }

  /// Returns whether another message may be sent.
  boolean hasRoom() {
    if (isOpen()) {
      return true;
    }
    poll();
    return isOpen();
  }

  private boolean isOpen() {
    return count - creditCount < MOST && charged - taken <= WINDOW_BYTES;
  }

  /// Returns whether everything but credits is out.
  boolean isEmpty() {
    return count == creditCount;
  }

  /// Returns whether the peer has taken all that was sent.
  boolean isTaken() {
    return isEmpty() && taken == charged;
  }

  /// Returns whether something that UCX has taken may still be in its hands: it writes to sockets
  /// while it makes progress only.
  boolean mayLinger() {
    return bytes - bytesTaken > SURELY_OUT_BYTES;
  }

  /// Counts a message; returns whether a credit is due.
  boolean charge(long length) {
    bytes += length;
    charged += Math.max(length, LEAST_CHARGE);
    return charged - lastCredit >= WINDOW_BYTES / 4;
  }

  /// Adds a credit.
  void addCredit(long ticket) {
    lastCredit = charged;
    if (UcxWorker.isRequest(ticket)) {
      creditCount++;
      bytesAt[count] = bytes;
      add(ticket, 0, 0, charged);
    } else {
      taken = charged;
      bytesTaken = bytes;
    }
  }

  /// Adds a message.
  ///
  /// @param address of the data, if they are the caller's
  /// @param length of the caller's memory
  /// @param buffer to be given back to the pool when the message is out
  /// @param owner is told then
  void add(
      long request,
      long address,
      long length,
      long buffer,
      @Nullable BufferPool pool,
      @Nullable UcxSender owner) {
    buffers[count] = buffer;
    pools[count] = pool;
    owners[count] = owner;
    add(request, address, length, NO_CREDIT);
  }

  private void add(long request, long address, long length, long credit) {
    if (count == CAPACITY - 1) {
      throw new AssertionError("too many messages under way");
    }
    requests[count] = request;
    addresses[count] = address;
    lengths[count] = length;
    credits[count] = credit;
    count++;
  }

  /// Looks which messages are out by now.
  void poll() {
    for (int i = count - 1; i >= 0; i--) {
      int status = worker.status(requests[i]);
      if (!UcxWorker.isPending(status)) {
        worker.free(requests[i]);
        finish(i);
        if (UcxWorker.isError(status)) {
          throw link.broken(status);
        }
      }
    }
  }

  private void finish(int i) {
    if (credits[i] != NO_CREDIT) {
      taken = Math.max(taken, credits[i]);
      bytesTaken = Math.max(bytesTaken, bytesAt[i]);
      creditCount--;
    }
    BufferPool pool = pools[i];
    if (pool != null) {
      pool.give(buffers[i]);
    }
    UcxSender owner = owners[i];
    if (owner != null) {
      owner.out();
    }
    int last = --count;
    requests[i] = requests[last];
    addresses[i] = addresses[last];
    lengths[i] = lengths[last];
    buffers[i] = buffers[last];
    pools[i] = pools[last];
    owners[i] = owners[last];
    credits[i] = credits[last];
    bytesAt[i] = bytesAt[last];
    pools[last] = null;
    owners[last] = null;
  }

  /// Returns whether data of the caller in a range are under way.
  boolean overlaps(long address, long length) {
    for (int i = 0; i < count; i++) {
      if (lengths[i] > 0
          && addresses[i] < address + length
          && address < addresses[i] + lengths[i]) {
        return true;
      }
    }
    return false;
  }

  /// Gives the requests of a link that is closed back; returns whether none is under way.
  boolean drop() {
    boolean isIdle = true;
    for (int i = 0; i < count; i++) {
      isIdle &= !UcxWorker.isPending(worker.status(requests[i]));
      worker.free(requests[i]);
    }
    count = 0;
    creditCount = 0;
    return isIdle;
  }
}
