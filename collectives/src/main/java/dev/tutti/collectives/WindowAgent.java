package dev.tutti.collectives;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.WindowRequest.Kind;
import dev.tutti.collectives.execute.RemotePort;
import dev.tutti.transport.Channel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The thread of a [Window] that sends to ranks of other hosts and takes what they send; there is
/// none where all ranks share memory.
///
/// A message begins with a header, all numbers in the byte order of the machine; the world has
/// ranks of one byte order only:
///
/// ```
///   +0  kind: int    +4  data type << 8 | operator: int   +8  offset: long (of GOT: in what was
///   wanted)   +16 bytes: long (of GET: wanted, else: that follow)   +24 id: long   +64 data
/// ```
///
/// It never waits for room: what cannot be sent yet stays queued while it goes on receiving, so two
/// agents that send to each other do not block.
final class WindowAgent {
  private static final int HEADER_BYTES = 64;
  private static final int TYPE = 4;
  private static final int OFFSET = 8;
  private static final int BYTES = 16;
  private static final int ID = 24;
  private static final int SPINS = 2_000;
  private static final long NAP_NANOS = 20_000;
  private static final long YIELD_NANOS = 1_000_000;

  private final CommunicatorCore core;
  private final WindowBlock[] blocks;
  private final RemotePort port;
  private final List<Integer> peers = new ArrayList<>(); // those on other hosts
  private final Queue<WindowRequest> submitted = new ConcurrentLinkedQueue<>();
  private final Map<Integer, Queue<WindowRequest>> outgoing = new HashMap<>(); // owner: the thread
  private final Map<Long, WindowRequest> unanswered = new HashMap<>(); // owner: the thread
  private final @Nullable Thread thread;
  private long nextId;
  private volatile boolean stopping;
  private volatile @Nullable Throwable failure;

  WindowAgent(CommunicatorCore core, WindowBlock[] blocks) {
    this.core = core;
    this.blocks = blocks;
    this.port = core.remote();
    for (int m = 0; m < core.size; m++) {
      if (!port.isLocal(m)) {
        peers.add(m);
        outgoing.put(m, new ArrayDeque<>());
        port.connect(m);
      }
    }
    this.thread =
        peers.isEmpty()
            ? null
            : Thread.ofPlatform().daemon().name("tutti-window-" + core.index).start(this::work);
  }

  /// Has a request done; returns when its data have been sent, or are there.
  void run(WindowRequest request) {
    submitted.add(request);
    awaitDone(request);
  }

  /// Waits until everything that was sent has taken effect.
  void flush() {
    List<WindowRequest> flushes = peers.stream().map(WindowRequest::flush).toList();
    submitted.addAll(flushes);
    flushes.forEach(this::awaitDone);
    core.checkUsable();
  }

  private void awaitDone(WindowRequest request) {
    long start = System.nanoTime();
    for (int round = 0; !request.isDone(); round++) {
      Throwable broken = failure;
      if (broken != null || stopping) {
        throw failed(broken);
      }
      if (round < SPINS) {
        Thread.onSpinWait();
        continue;
      }
      long waited = System.nanoTime() - start;
      long limit = core.world.config().operationTimeoutNanos();
      if (limit > 0 && waited > limit) {
        String what = request.kind + " to rank " + request.peer;
        core.abort(what + " made no progress within " + limit / 1_000_000 + " ms");
        throw new TimeoutException(
            "one-sided " + what + " has not ended within " + limit / 1_000_000 + " ms",
            core.index,
            -1,
            null);
      }
      if (waited < YIELD_NANOS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(NAP_NANOS);
      }
    }
  }

  private RuntimeException failed(@Nullable Throwable cause) {
    return core.guarded(() -> {
      if (cause instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException("the window's thread has ended", cause);
    });
  }

  /// Ends the thread. What is still queued is dropped.
  @SuppressWarnings("ReferenceEquality") // threads are compared by identity
  void stop() {
    stopping = true;
    Thread running = thread;
    boolean interrupted = false;
    while (running != null && running.isAlive() && running != Thread.currentThread()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try {
      int idle = 0;
      while (!stopping) {
        if (step()) {
          idle = 0;
        } else if (idle++ < SPINS) {
          Thread.onSpinWait();
        } else {
          port.rest();
        }
      }
    } catch (Throwable t) {
      failure = t;
      if (!(t instanceof TuttiException)) { // those that wait elsewhere must hear of it
        core.abort("one-sided communication of rank " + core.index + " failed: " + t);
      }
    }
  }

  private boolean step() {
    boolean moved = false;
    for (WindowRequest r = submitted.poll(); r != null; r = submitted.poll()) {
      enqueue(r);
      moved = true;
    }
    for (int peer : peers) {
      Queue<WindowRequest> queue = queue(peer);
      while (!queue.isEmpty() && send(queue.element())) {
        moved = true;
        WindowRequest first = queue.element();
        if (first.moved == first.data.byteSize() || !first.kind.carriesData()) {
          sent(queue.remove());
        }
      }
      for (long at = port.poll(peer); at != Channel.NONE; at = port.poll(peer)) {
        receive(peer, at, port.receivedBytes(peer));
        port.release(peer);
        moved = true;
      }
    }
    return port.progress() || moved;
  }

  private void enqueue(WindowRequest request) {
    if (request.isAnswered()) {
      request.id = nextId++;
      unanswered.put(request.id, request);
    }
    queue(request.peer).add(request);
  }

  private Queue<WindowRequest> queue(int peer) {
    Queue<WindowRequest> queue = outgoing.get(peer);
    if (queue == null) {
      throw new IllegalStateException("rank " + peer + " shares memory with this one");
    }
    return queue;
  }

  private static void sent(WindowRequest request) {
    if (!request.isAnswered()) {
      request.finish();
    }
  }

  /// Sends the next message of a request; returns false if there is no room.
  private boolean send(WindowRequest request) {
    long slot = port.claim(request.peer);
    if (slot == Channel.NONE) {
      return false;
    }
    long bytes = request.kind == Kind.GET ? request.data.byteSize() : 0;
    int follow = 0;
    if (request.kind.carriesData()) {
      int room = (port.messageBytes(request.peer) - HEADER_BYTES) & -HEADER_BYTES;
      follow = (int) Math.min(room, request.data.byteSize() - request.moved);
      bytes = follow;
      MemorySegment.copy(request.data, request.moved, Memory.ALL, slot + HEADER_BYTES, follow);
    }
    Memory.putInt(slot, request.kind.ordinal());
    Memory.putInt(slot + TYPE, request.type.ordinal() << 8 | request.op.ordinal());
    Memory.putLong(slot + OFFSET, request.offset + request.moved);
    Memory.putLong(slot + BYTES, bytes);
    Memory.putLong(slot + ID, request.id);
    port.publish(request.peer, HEADER_BYTES + follow);
    request.moved += follow;
    return true;
  }

  private void receive(int peer, long at, int size) {
    int number = size < HEADER_BYTES ? -1 : Memory.getInt(at);
    if (number < 0 || number >= Kind.values().length) {
      throw malformed(peer, "of " + size + " bytes and kind " + number);
    }
    Kind kind = Kind.values()[number];
    long offset = Memory.getLong(at + OFFSET);
    long bytes = Memory.getLong(at + BYTES);
    long id = Memory.getLong(at + ID);
    if (kind.carriesData() && bytes != size - HEADER_BYTES) {
      throw malformed(peer, "that says " + bytes + " of " + (size - HEADER_BYTES) + " bytes");
    }
    WindowBlock own = blocks[core.index];
    if (kind.touchesData() && (offset < 0 || bytes < 0 || offset > own.bytes() - bytes)) {
      throw malformed(peer, "for " + bytes + " bytes at " + offset + " of " + own.bytes());
    }
    switch (kind) {
      case PUT -> Memory.copy(own.data(offset), at + HEADER_BYTES, bytes);
      case ACCUMULATE -> accumulate(peer, own, at, offset, bytes);
      case SIGNAL -> signal(peer, own, offset);
      case GET -> enqueue(WindowRequest.got(peer, id, memory(own.data(offset), bytes)));
      case GOT -> got(peer, at, offset, bytes, id);
      case FLUSH -> enqueue(WindowRequest.flushed(peer, id));
      case FLUSHED -> answered(peer, id).finish();
    }
  }

  private static MemorySegment memory(long address, long bytes) {
    return Memory.ALL.asSlice(address, bytes);
  }

  private void accumulate(int peer, WindowBlock own, long at, long offset, long bytes) {
    int packed = Memory.getInt(at + TYPE);
    int type = packed >> 8;
    int op = packed & 0xff;
    if (type < 0 || type >= DataType.values().length || op >= ReduceOp.values().length) {
      throw malformed(peer, "of type " + type + " and operator " + op);
    }
    DataType elements = DataType.values()[type];
    own.accumulate(
        offset,
        at + HEADER_BYTES,
        bytes / elements.bytes(),
        elements.bytes(),
        CommunicatorCore.kernel(elements, ReduceOp.values()[op]),
        port.waiter());
  }

  private void signal(int peer, WindowBlock own, long signal) {
    if (signal < 0 || signal >= Window.SIGNALS) {
      throw malformed(peer, "for signal " + signal);
    }
    own.signal((int) signal);
  }

  private void got(int peer, long at, long offset, long bytes, long id) {
    WindowRequest wanted = unanswered.get(id);
    if (wanted == null || wanted.kind != Kind.GET || offset > wanted.data.byteSize() - bytes) {
      throw malformed(peer, "with data that nobody asked for");
    }
    MemorySegment.copy(Memory.ALL, at + HEADER_BYTES, wanted.data, offset, bytes);
    wanted.moved += bytes;
    if (wanted.moved == wanted.data.byteSize()) {
      unanswered.remove(id);
      wanted.finish();
    }
  }

  private WindowRequest answered(int peer, long id) {
    WindowRequest request = unanswered.remove(id);
    if (request == null) {
      throw malformed(peer, "with an answer to nothing");
    }
    return request;
  }

  private static IllegalStateException malformed(int peer, String what) {
    return new IllegalStateException("rank " + peer + " sent a one-sided message " + what);
  }
}
