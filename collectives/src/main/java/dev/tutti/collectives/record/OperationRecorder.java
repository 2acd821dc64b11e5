package dev.tutti.collectives.record;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.execute.Signature;
import dev.tutti.transport.Waiter;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/// Remembers the last operations of one communicator on one rank, and counts.
///
/// An operation costs three stores to memory that stays in the inner cache; see [RecordLayout] for
/// what they are. The rest is done now and then: of every 256th collective (the same ones on all
/// ranks, so that they can be compared), of operations of at least 256 KiB and of those that wait
/// for long, begin and end are noted; while JFR records operations, of all.
///
/// Used by one thread at a time, that which runs the operations; [#failed] and [#snapshot] by any.
public final class OperationRecorder implements Waiter.Observer {
  private static final int SAMPLING = 255; // a power of two less one
  private static final long STAMPED_BYTES = 256 << 10;
  private static final long NO_WAIT = Long.MIN_VALUE;

  private final RecordMemory memory;
  private final RecordLayout layout;
  private final RecordWriter writer;
  private final @Nullable OperationTrace trace;
  private final LongToIntFunction peerAt;
  private final long base;
  private final long entries;
  private final long completedAt;
  private final int mask;
  private final int rareSampling;

  // Owner of the rest: the thread that runs operations.
  private long messages; // ended; with the collectives before it, they number the operations
  private long bytes;
  private long published; // operations whose bytes have been published
  private int sampling;
  private boolean watched; // something is to be done at the end of this operation
  private boolean traced;
  private long waitStart = NO_WAIT;
  private long waitSeen;
  private int waitPeer;
  private long stalls;
  private long waited;
  private long parked;
  private boolean closed; // guarded by this

  /// Makes a recorder.
  ///
  /// @param identity who records
  /// @param capacity operations to remember, a power of two
  /// @param visibility who can look at it
  /// @param peerAt the member that is awaited, -1 if unknown; asked with the address of the word
  ///   that is awaited, 0 if it is no single one
  public OperationRecorder(
      Identity identity, int capacity, Visibility visibility, LongToIntFunction peerAt) {
    this.layout = new RecordLayout(identity.members().size(), capacity);
    this.memory =
        visibility == Visibility.USER
            ? RecordMemory.visible(layout.bytes())
            : RecordMemory.hidden(layout.bytes());
    this.peerAt = peerAt;
    this.base = memory.address();
    this.entries = base + RecordLayout.ENTRIES;
    this.completedAt = base + RecordLayout.value(Counter.OPERATIONS);
    this.mask = capacity - 1;
    this.rareSampling = Math.min(SAMPLING, mask);
    this.sampling = rareSampling;
    this.writer = new RecordWriter(base, layout);
    if (visibility == Visibility.USER) {
      CounterLabels.write(base);
    }
    writer.identify(identity);
    this.trace = FlightEvents.operations(identity);
  }

  /// Who can look at a record from outside.
  public enum Visibility {
    /// Nobody but this process.
    PROCESS,
    /// The processes of this user.
    USER
  }

  /// Returns the number by which [#enter] knows an algorithm. Any thread, one at a time.
  public int algorithm(String name) {
    return writer.algorithm(name);
  }

  /// A collective begins.
  ///
  /// @param number sequence number among the collectives, the same on all ranks
  /// @param signature what was called, see [Signature]
  /// @param algorithm from [#algorithm]
  /// @param payload count × element size
  public void enter(long number, long signature, int algorithm, long payload) {
    long k = number + messages;
    put(k, signature, (number << 16) | ((long) algorithm << 8));
    if ((number & sampling) == 0 || payload >= STAMPED_BYTES) {
      watch(k);
    }
  }

  /// A message to a peer begins.
  public void enterSend(long number, DataType type, int peer, long count) {
    enterMessage(number, Signature.ofSend(type, peer, count), count * type.bytes());
  }

  /// A message from a peer begins.
  public void enterReceive(long number, DataType type, int peer, long count) {
    enterMessage(number, Signature.ofReceive(type, peer, count), count * type.bytes());
  }

  private void enterMessage(long number, long signature, long payload) {
    writer.add(base + RecordLayout.value(Counter.MESSAGES), 1);
    long k = number + messages;
    put(k, signature, number << 16);
    if (k - published >= sampling || payload >= STAMPED_BYTES) {
      watch(k);
    }
  }

  /// A message to a peer has gone, together with others that took the same time.
  public void noteSend(long number, DataType type, int peer, long count) {
    noteMessage(number, Signature.ofSend(type, peer, count), count * type.bytes());
  }

  /// A message from a peer has come, together with others that took the same time.
  public void noteReceive(long number, DataType type, int peer, long count) {
    noteMessage(number, Signature.ofReceive(type, peer, count), count * type.bytes());
  }

  private void noteMessage(long number, long signature, long payload) {
    writer.add(base + RecordLayout.value(Counter.MESSAGES), 1);
    long k = number + messages;
    put(k, signature, number << 16);
    messages++;
    bytes += payload;
    Memory.putLongRelease(completedAt, k + 1);
  }

  private void put(long k, long signature, long word) {
    long index = k & mask;
    long entry = entries + (index << 4);
    Memory.putLong(entry, signature);
    // release: a reader who sees the lap in the word sees the signature
    Memory.putLongRelease(entry + RecordLayout.ENTRY_WORD, word | layout.lap(k));
  }

  /// A collective has ended well.
  ///
  /// @param number as it was entered
  /// @param payload as it was entered
  public void done(long number, long payload) {
    long k = number + messages;
    bytes += payload;
    if (watched) {
      endWatch(k);
    }
    Memory.putLongRelease(completedAt, k + 1);
  }

  /// A message has ended well.
  ///
  /// @param number as it was entered
  /// @param payload as it was entered
  public void doneMessage(long number, long payload) {
    long k = number + messages;
    messages++;
    bytes += payload;
    if (watched) {
      endWatch(k);
    }
    Memory.putLongRelease(completedAt, k + 1);
  }

  private void watch(long k) {
    OperationTrace listener = trace;
    if (listener != null) {
      traced = listener.begin();
      sampling = traced ? 0 : rareSampling;
    }
    Memory.putLong(base + layout.stamp(k), System.nanoTime());
    mark(k, RecordLayout.BEGUN);
    watched = true;
  }

  private void endWatch(long k) {
    watched = false;
    waitStart = NO_WAIT;
    long stamp = base + layout.stamp(k);
    long now = System.nanoTime();
    Memory.putLong(stamp + Long.BYTES, now);
    mark(k, RecordLayout.ENDED);
    published = k + 1;
    Memory.putLong(base + RecordLayout.BYTES_OPERATIONS, published);
    Memory.putLongRelease(base + RecordLayout.value(Counter.BYTES), bytes);
    long entry = base + layout.entry(k);
    long signature = Memory.getLong(entry);
    long word = Memory.getLong(entry + RecordLayout.ENTRY_WORD);
    int peer = Signature.peer(signature);
    if (peer >= 0 && Signature.bytes(signature) >= STAMPED_BYTES) {
      transferred(peer, Signature.bytes(signature), now - Memory.getLong(stamp));
    }
    if (traced && trace != null) {
      traced = false;
      trace.end(word >>> 16, signature, writer.algorithmName((int) (word >>> 8) & 0xff));
    }
  }

  private void mark(long k, int flag) {
    long word = base + layout.entry(k) + RecordLayout.ENTRY_WORD;
    Memory.putLong(word, Memory.getLong(word) | flag);
  }

  /// Data have gone to a peer or come from it; for transfers large enough that two looks at the
  /// clock do not matter.
  ///
  /// @param nanos how long it took; best without waiting for the peer to be ready
  public void transferred(int peer, long payload, long nanos) {
    long figures = base + layout.peer(peer);
    writer.add(figures + RecordLayout.PEER_TRANSFERS, 1);
    writer.add(figures + RecordLayout.PEER_TRANSFER_BYTES, payload);
    writer.add(figures + RecordLayout.PEER_TRANSFER_NANOS, nanos);
    long rate = (long) (payload * 1e9 / Math.max(1, nanos));
    if (rate > Memory.getLong(figures + RecordLayout.PEER_BEST_RATE)) {
      Memory.putLongRelease(figures + RecordLayout.PEER_BEST_RATE, rate);
    }
  }

  @Override
  public void waiting(long address, long start, long now) {
    if (start != waitStart) {
      beginWait(address, start);
    }
    waited(now - waitSeen);
    Memory.putLongRelease(base + RecordLayout.WAIT + RecordLayout.WAIT_SEEN, now);
  }

  private void waited(long more) {
    waitSeen += more;
    waited += more;
    Memory.putLongRelease(base + RecordLayout.value(Counter.WAITED), waited);
    if (waitPeer >= 0) {
      writer.add(base + layout.peer(waitPeer) + RecordLayout.PEER_WAITED, more);
    }
  }

  private void beginWait(long address, long start) {
    waitStart = start;
    waitSeen = start;
    long k = Memory.getLong(completedAt); // the one under way; no other has ended since
    boolean entered = isEntered(k);
    int partner = entered ? Signature.peer(Memory.getLong(base + layout.entry(k))) : -1;
    waitPeer = partner >= 0 ? partner : peerAt.applyAsInt(address); // a message has a partner
    stalls++;
    Memory.putLongRelease(base + RecordLayout.value(Counter.STALLS), stalls);
    if (waitPeer >= 0) {
      writer.add(base + layout.peer(waitPeer) + RecordLayout.PEER_WAITS, 1);
    }
    writer.beginWait(waitPeer, k, start);
    if (!entered) {
      return; // a connection is awaited before the operation
    }
    if (!watched) {
      Memory.putLong(base + layout.stamp(k), start);
      watched = true;
    }
    mark(k, RecordLayout.STALLED);
  }

  private boolean isEntered(long k) {
    long word = Memory.getLong(base + layout.entry(k) + RecordLayout.ENTRY_WORD);
    return (word & RecordLayout.EVEN_LAP) == layout.lap(k);
  }

  @Override
  public void parked(long nanos) {
    waited(nanos);
    parked += nanos;
    Memory.putLongRelease(base + RecordLayout.value(Counter.PARKED), parked);
  }

  /// The communicator has failed; only the first failure is kept.
  ///
  /// @param operation number of the collective that failed, -1 if none was running
  public synchronized void failed(long operation, String kind, String message) {
    if (!closed) {
      writer.failed(operation, kind, message);
    }
  }

  /// Returns what is recorded now, null after [#close]. Operations may run meanwhile.
  public synchronized @Nullable Dump snapshot() {
    return closed ? null : RecordReader.read(Memory.ALL.asSlice(base, memory.bytes()));
  }

  /// Frees the memory; no operation may be running. Idempotent.
  public synchronized void close() {
    if (!closed) {
      closed = true;
      memory.close();
    }
  }
}
