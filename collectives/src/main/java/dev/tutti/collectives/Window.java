package dev.tutti.collectives;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.transport.MemoryDomain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Memory of every rank that the others read and write without its help: one-sided communication,
/// as MPI's windows and NCCL's put and signal.
///
/// ```java
/// try (Window window = Window.open(world, 1 << 20)) {
///   window.put(data, next, 0, data.byteSize());
///   window.signal(next, 0);      // arrives after what was put before
///   window.awaitSignal(0);       // the left neighbour has written
///   use(window.local());
///   window.fence();
/// }
/// ```
///
/// **Order.** What a rank puts, accumulates and signals to one target takes effect there in the
/// order of the calls; to several targets in no order. A put has taken effect at its target after
/// [#flush], after [#fence], or when the target has seen a signal sent later. A rank that reads or
/// writes its own [#local] memory while others do gets what memory has at that moment; signals and
/// fences are there to avoid that. Accumulations of several ranks into one element do not disturb
/// each other; nothing else is atomic.
///
/// **How.** Among ranks of a host, memory is written in place by the caller. To other hosts a
/// thread of the window sends; it also takes what arrives, so the target need not call anything.
///
/// **Threads and failure.** One thread at a time may call a window. When a rank dies, calls throw a
/// [RankFailedException], and the communicator that the window was opened on is told as of any
/// failure. [#close] the window before its communicator; closing that closes the window, too.
public final class Window implements AutoCloseable {
  /// Number of signals of each rank.
  public static final int SIGNALS = 64;

  private final Communicator communicator; // of its own, of the same ranks
  private final CommunicatorCore core;
  private final MemorySegment block;
  private final MemorySegment local;
  private final WindowBlock[] blocks; // by rank
  private final WindowAgent agent;
  private final long[] consumed = new long[SIGNALS]; // of the signals that came
  private boolean closed;

  private Window(
      Communicator communicator, MemorySegment block, WindowBlock[] blocks, WindowAgent agent) {
    this.communicator = communicator;
    this.core = communicator.core;
    this.block = block;
    this.local = block.asSlice(WindowBlock.DATA);
    this.blocks = blocks;
    this.agent = agent;
  }

  /// Opens a window. Collective over the communicator, which can be used on besides.
  ///
  /// @param world whose ranks take part
  /// @param bytes how much memory this rank gives, at least 0; ranks may give different amounts. It
  ///   is zeroed
  /// @throws OutOfMemoryError if the shared region of a rank is exhausted
  /// @throws IllegalArgumentException if `bytes` is negative
  public static Window open(Communicator world, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes is " + bytes + ", expected at least 0");
    }
    Communicator own = world.split(0, world.rank());
    CommunicatorCore core = own.core;
    MemorySegment block = own.allocate(WindowBlock.DATA + bytes);
    MemoryDomain domain = core.world.domain();
    long[] told = gather(own, domain.token(block.address()), bytes);
    WindowBlock[] blocks = new WindowBlock[core.size];
    for (int r = 0; r < core.size; r++) {
      boolean isNear = core.remote().isLocal(r);
      long address = isNear ? domain.address(core.members[r], told[2 * r]) : 0;
      blocks[r] = new WindowBlock(address, told[2 * r + 1]);
    }
    WindowAgent agent = new WindowAgent(core, blocks);
    core.beforeClose(agent::stop);
    own.barrier(); // nobody writes before all are there
    return new Window(own, block, blocks, agent);
  }

  private static long[] gather(Communicator own, long token, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mine = arena.allocateFrom(ValueLayout.JAVA_LONG, token, bytes);
      MemorySegment all = arena.allocate(ValueLayout.JAVA_LONG, 2L * own.size());
      own.allGather(mine, all, 2, DataType.INT64);
      return all.toArray(ValueLayout.JAVA_LONG);
    }
  }

  /// Returns this rank's memory, which lives until the window is closed.
  public MemorySegment local() {
    return local;
  }

  /// Returns how much memory a rank gave, in bytes.
  ///
  /// @throws IllegalArgumentException if there is no such rank
  public long bytes(int rank) {
    BufferChecks.rank("rank", rank, core.size);
    return blocks[rank].bytes();
  }

  /// Writes to a rank's memory. Returns when `source` may change; see [Window] for when the target
  /// has it.
  ///
  /// @param source at least `bytes` bytes
  /// @param target the rank whose memory is written; may be this one
  /// @param offset where in its memory, in bytes
  /// @param bytes how much
  /// @throws IllegalArgumentException if `source` is too small or the target's memory ends before
  /// @throws RankFailedException if a rank has died
  public void put(MemorySegment source, int target, long offset, long bytes) {
    WindowBlock to = check(target, offset, bytes);
    BufferChecks.size("source", source, bytes);
    if (to.isNear()) {
      MemorySegment.copy(source, 0, Memory.ALL, to.data(offset), bytes);
    } else {
      agent.run(WindowRequest.put(target, offset, forAnyThread(source, bytes)));
    }
  }

  /// Reads from a rank's memory; returns when the data are there.
  ///
  /// @param destination at least `bytes` bytes
  /// @param target the rank whose memory is read; may be this one
  /// @param offset where in its memory, in bytes
  /// @param bytes how much
  /// @throws IllegalArgumentException if `destination` is too small or read-only, or the target's
  ///   memory ends before
  /// @throws RankFailedException if a rank has died
  public void get(MemorySegment destination, int target, long offset, long bytes) {
    WindowBlock from = check(target, offset, bytes);
    BufferChecks.size("destination", destination, bytes);
    BufferChecks.writable("destination", destination);
    if (from.isNear()) {
      MemorySegment.copy(Memory.ALL, from.data(offset), destination, 0, bytes);
    } else {
      agent.run(WindowRequest.get(target, offset, forAnyThread(destination, bytes)));
    }
  }

  /// Combines elements with those in a rank's memory: `memory[i] = memory[i] op source[i]`. Returns
  /// when `source` may change.
  ///
  /// @param source `count` elements
  /// @param target the rank whose memory is changed; may be this one
  /// @param offset where in its memory, in bytes; any alignment
  /// @param count number of elements
  /// @param op SUM, PROD, MIN or MAX
  /// @throws IllegalArgumentException if `source` is too small, the target's memory ends before, or
  ///   the operator is another
  /// @throws RankFailedException if a rank has died
  public void accumulate(
      MemorySegment source, int target, long offset, long count, DataType type, ReduceOp op) {
    if (op == ReduceOp.AVG || op == ReduceOp.PRE_MUL_SUM) {
      throw new IllegalArgumentException("cannot accumulate " + op + "; SUM, PROD, MIN, MAX can");
    }
    BufferChecks.count(count, type, 1);
    long bytes = count * type.bytes();
    WindowBlock to = check(target, offset, bytes);
    BufferChecks.size("source", source, bytes);
    if (!to.isNear()) {
      agent.run(WindowRequest.accumulate(target, offset, forAnyThread(source, bytes), type, op));
    } else if (source.isNative()) {
      accumulate(to, offset, source.address(), count, type, op);
    } else {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment copy = arena.allocate(Math.max(bytes, 1), Long.BYTES);
        MemorySegment.copy(source, 0, copy, 0, bytes);
        accumulate(to, offset, copy.address(), count, type, op);
      }
    }
  }

  private void accumulate(
      WindowBlock to, long offset, long source, long count, DataType type, ReduceOp op) {
    ReductionKernel kernel = CommunicatorCore.kernel(type, op);
    core.guarded(() -> {
      to.accumulate(offset, source, count, type.bytes(), kernel, core.waiter());
      return to;
    });
  }

  /// Adds one to a signal of a rank; it arrives after all that was put there before.
  ///
  /// @param target the rank that is told; may be this one
  /// @param signal which of its signals, from 0 to [#SIGNALS] - 1
  /// @throws IllegalArgumentException if there is no such rank or signal
  /// @throws RankFailedException if a rank has died
  public void signal(int target, int signal) {
    checkSignal(signal);
    WindowBlock to = check(target, 0, 0);
    if (to.isNear()) {
      to.signal(signal);
      core.waiter().wakePeers();
    } else {
      agent.run(WindowRequest.signal(target, signal));
    }
  }

  /// Writes and signals: [#put], then [#signal].
  public void putSignal(MemorySegment source, int target, long offset, long bytes, int signal) {
    checkSignal(signal);
    put(source, target, offset, bytes);
    signal(target, signal);
  }

  /// Waits until a signal of this rank has come once more than it was awaited.
  ///
  /// @throws TimeoutException if that takes longer than the operation timeout
  /// @throws RankFailedException if a rank dies meanwhile
  public void awaitSignal(int signal) {
    awaitSignal(signal, 1);
  }

  /// Waits until a signal of this rank has come so many times more than it was awaited.
  ///
  /// @param signal which, from 0 to [#SIGNALS] - 1
  /// @param times how often, at least 1
  /// @throws TimeoutException if that takes longer than the operation timeout
  /// @throws RankFailedException if a rank dies meanwhile
  public void awaitSignal(int signal, long times) {
    checkSignal(signal);
    checkOpen();
    if (times < 1) {
      throw new IllegalArgumentException("times is " + times + ", expected at least 1");
    }
    long wanted = consumed[signal] + times;
    core.guarded(() -> {
      core.waiter().await(blocks[core.index].signalAddress(signal), wanted);
      return wanted;
    });
    consumed[signal] = wanted;
  }

  /// Returns how often a signal of this rank has come and was not awaited yet.
  public long pendingSignals(int signal) {
    checkSignal(signal);
    checkOpen();
    return Memory.getLongAcquire(blocks[core.index].signalAddress(signal)) - consumed[signal];
  }

  /// Waits until all that this rank has put, accumulated and signalled has taken effect.
  ///
  /// @throws TimeoutException if that takes longer than the operation timeout
  /// @throws RankFailedException if a rank dies meanwhile
  public void flush() {
    checkOpen();
    agent.flush();
  }

  /// Waits until all that any rank has put, accumulated and signalled before its call has taken
  /// effect. Collective.
  ///
  /// @throws RankFailedException if a rank dies meanwhile
  public void fence() {
    flush();
    communicator.barrier();
  }

  /// Ends the window: a [#fence], unless a rank has failed, and the memory is gone. Collective.
  /// Idempotent.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      if (!core.hasFailed() && !communicator.isClosed()) {
        fence();
      }
    } finally {
      closed = true;
      communicator.close();
    }
  }

  /// The caller waits until the request is done, so that memory stays even if its arena is confined
  /// to this thread.
  private static MemorySegment forAnyThread(MemorySegment buffer, long bytes) {
    return buffer.isNative()
        ? Memory.ALL.asSlice(buffer.address(), bytes)
        : buffer.asSlice(0, bytes);
  }

  private WindowBlock check(int target, long offset, long bytes) {
    checkOpen();
    BufferChecks.rank("target", target, core.size);
    WindowBlock to = blocks[target];
    if (offset < 0 || bytes < 0 || offset > to.bytes() - bytes) {
      throw new IllegalArgumentException(
          bytes
              + " bytes at offset "
              + offset
              + " are outside of the window of rank "
              + target
              + ", which has "
              + to.bytes()
              + " bytes");
    }
    core.checkUsable();
    return to;
  }

  private static void checkSignal(int signal) {
    BufferChecks.rank("signal", signal, SIGNALS);
  }

  private void checkOpen() {
    if (closed || communicator.isClosed()) {
      throw new IllegalStateException("the window is closed");
    }
  }

  @Override
  public String toString() {
    return "window of " + block.byteSize() + " bytes, rank " + core.index + " of " + core.size;
  }
}
