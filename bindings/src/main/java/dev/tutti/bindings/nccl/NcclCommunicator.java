package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.library.HandleGuard;
import dev.tutti.bindings.library.OutWord;
import dev.tutti.bindings.nccl.NcclManagement.Query;
import dev.tutti.bindings.nccl.generated.LibNccl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rank's end of a communicator of NCCL.
///
/// Collectives and point to point return when the operation is handed to the stream, or within a
/// group noted; what they do happens when the stream comes to it. Addresses are those of device
/// memory, streams those of CUDA, 0 the default one. Counts are elements. In place is allowed as
/// NCCL says: the same address for both buffers, or the rank's part of the larger one. These calls
/// allocate nothing.
///
/// A communicator that does not block ([NcclSetting#BLOCKING]) returns at once from everything, and
/// must not be given anything else until [#poll] says that it is done.
///
/// One thread at a time; see the package. After an error that does not [leave it
/// usable][NcclResult#leavesCommunicatorUsable()] all ranks have to [#abort] or [#revoke]. Use
/// after [#close] or [#abort] is an `IllegalStateException`.
public final class NcclCommunicator implements AutoCloseable {
  /// Colour of a rank that takes part in a split and is in no part.
  public static final int NO_COLOR = LibNccl.NCCL_SPLIT_NOCOLOR();

  private static final int SUCCESS = LibNccl.ncclSuccess();
  private static final int IN_PROGRESS = LibNccl.ncclInProgress();
  private static final long ABORT_PATIENCE_NANOS = 100_000_000;

  private final NcclLibrary library;
  private final NcclCalls calls;
  private final HandleGuard guard = new HandleGuard("communicator of NCCL");
  private final MemorySegment slot; // where NCCL writes the handle
  private long handle; // 0 until it is read from there

  /// The group in which this communicator has calls; set by the thread whose group it is.
  private volatile @Nullable NcclGroup openGroup;

  NcclCommunicator(NcclLibrary library, MemorySegment slot) {
    this.library = library;
    this.calls = library.calls();
    this.slot = slot;
    library.hold(slot);
  }

  // ---- entering a call

  private void enter() {
    guard.enter();
    NcclGroup mine = library.group();
    NcclGroup open = openGroup;
    if (open == null && !mine.isOpen() && handle != 0) {
      return;
    }
    try {
      enterGroup(mine, open);
      if (handle == 0) {
        handle = made();
      }
    } catch (Throwable t) {
      guard.exit();
      throw t;
    }
  }

  private void enterGroup(NcclGroup mine, @Nullable NcclGroup open) {
    if (open != null && open != mine) {
      throw new IllegalStateException(
          "this communicator of NCCL has calls in a group that thread \""
              + open.thread()
              + "\" has not ended");
    }
    if (open == null && mine.isOpen()) {
      openGroup = mine;
      mine.add(this);
    }
  }

  private long made() {
    long made = Memory.getLongAcquire(slot.address());
    if (made == 0) {
      throw new IllegalStateException(
          "this communicator of NCCL is not made yet: end the group in which it is made, or poll what"
              + " it is made from");
    }
    return made;
  }

  void groupEnded() {
    openGroup = null;
  }

  private void check(int result, NcclFunction function, long count, NcclDataType type, int peer) {
    if (result != SUCCESS && result != IN_PROGRESS) {
      String other = peer < 0 ? "" : ", peer=" + peer;
      throw library.failed(function.symbol(), "count=" + count + ", type=" + type + other, result);
    }
  }

  private static void checkCount(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("count is negative: " + count);
    }
  }

  // ---- collectives

  /// Reduces over all ranks; every rank gets the result.
  ///
  /// @param send `count` elements
  /// @param recv `count` elements
  /// @param op of [NcclReduceOp], or [NcclReduceOperator#code]
  public void allReduce(long send, long recv, long count, NcclDataType type, int op, long stream) {
    checkCount(count);
    enter();
    try {
      int result = calls.allReduce(send, recv, count, type.code(), op, handle, stream);
      check(result, NcclFunction.ALL_REDUCE, count, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Reduces over all ranks; the root gets the result.
  ///
  /// @param send `count` elements
  /// @param recv `count` elements; used at the root only
  public void reduce(
      long send, long recv, long count, NcclDataType type, int op, int root, long stream) {
    checkCount(count);
    enter();
    try {
      int result = calls.reduce(send, recv, count, type.code(), op, root, handle, stream);
      check(result, NcclFunction.REDUCE, count, type, root);
    } finally {
      guard.exit();
    }
  }

  /// Copies the root's elements to every rank.
  ///
  /// @param send `count` elements; used at the root only
  /// @param recv `count` elements
  public void broadcast(
      long send, long recv, long count, NcclDataType type, int root, long stream) {
    checkCount(count);
    enter();
    try {
      int result = calls.broadcast(send, recv, count, type.code(), root, handle, stream);
      check(result, NcclFunction.BROADCAST, count, type, root);
    } finally {
      guard.exit();
    }
  }

  /// Reduces over all ranks; rank i gets part i of the result.
  ///
  /// @param send `worldSize * recvCount` elements
  /// @param recv `recvCount` elements
  public void reduceScatter(
      long send, long recv, long recvCount, NcclDataType type, int op, long stream) {
    checkCount(recvCount);
    enter();
    try {
      int result = calls.reduceScatter(send, recv, recvCount, type.code(), op, handle, stream);
      check(result, NcclFunction.REDUCE_SCATTER, recvCount, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Collects the elements of all ranks, in the order of ranks, at every rank.
  ///
  /// @param send `sendCount` elements
  /// @param recv `worldSize * sendCount` elements
  public void allGather(long send, long recv, long sendCount, NcclDataType type, long stream) {
    checkCount(sendCount);
    enter();
    try {
      int result = calls.allGather(send, recv, sendCount, type.code(), handle, stream);
      check(result, NcclFunction.ALL_GATHER, sendCount, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Sends part j to rank j and receives part i from rank i; since 2.28.
  ///
  /// @param send `worldSize * count` elements
  /// @param recv `worldSize * count` elements
  public void allToAll(long send, long recv, long count, NcclDataType type, long stream) {
    checkCount(count);
    library.require(NcclFunction.ALL_TO_ALL);
    enter();
    try {
      int result = calls.allToAll(send, recv, count, type.code(), handle, stream);
      check(result, NcclFunction.ALL_TO_ALL, count, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Collects the elements of all ranks, in the order of ranks, at the root; since 2.28.
  ///
  /// @param send `count` elements
  /// @param recv `worldSize * count` elements; used at the root only
  public void gather(long send, long recv, long count, NcclDataType type, int root, long stream) {
    checkCount(count);
    library.require(NcclFunction.GATHER);
    enter();
    try {
      int result = calls.gather(send, recv, count, type.code(), root, handle, stream);
      check(result, NcclFunction.GATHER, count, type, root);
    } finally {
      guard.exit();
    }
  }

  /// Gives each rank its part of the root's elements; since 2.28.
  ///
  /// @param send `worldSize * count` elements; used at the root only
  /// @param recv `count` elements
  public void scatter(long send, long recv, long count, NcclDataType type, int root, long stream) {
    checkCount(count);
    library.require(NcclFunction.SCATTER);
    enter();
    try {
      int result = calls.scatter(send, recv, count, type.code(), root, handle, stream);
      check(result, NcclFunction.SCATTER, count, type, root);
    } finally {
      guard.exit();
    }
  }

  // ---- point to point

  /// Sends to a rank, which must receive as much. Several that depend on each other need a group.
  public void send(long address, long count, NcclDataType type, int peer, long stream) {
    checkCount(count);
    enter();
    try {
      int result = calls.send(address, count, type.code(), peer, handle, stream);
      check(result, NcclFunction.SEND, count, type, peer);
    } finally {
      guard.exit();
    }
  }

  /// Receives from a rank, which must send as much.
  public void receive(long address, long count, NcclDataType type, int peer, long stream) {
    checkCount(count);
    enter();
    try {
      int result = calls.receive(address, count, type.code(), peer, handle, stream);
      check(result, NcclFunction.RECV, count, type, peer);
    } finally {
      guard.exit();
    }
  }

  // ---- one-sided

  /// Writes to a window of another rank and signals it; since 2.29.
  ///
  /// @param address `count` elements of this rank
  /// @param window as the peer and this rank registered it together
  /// @param offset where in the peer's window, in bytes
  public void putSignal(
      long address,
      long count,
      NcclDataType type,
      int peer,
      NcclWindow window,
      long offset,
      int signal,
      int context,
      long stream) {
    checkCount(count);
    library.require(NcclFunction.PUT_SIGNAL);
    long to = window.handle();
    enter();
    try {
      int code = type.code();
      int result =
          calls.putSignal(
              address, count, code, peer, to, offset, signal, context, 0, handle, stream);
      check(result, NcclFunction.PUT_SIGNAL, count, type, peer);
    } finally {
      guard.exit();
    }
  }

  /// Signals another rank; since 2.29.
  public void signal(int peer, int signal, int context, long stream) {
    library.require(NcclFunction.SIGNAL);
    enter();
    try {
      int result = calls.signal(peer, signal, context, 0, handle, stream);
      check(result, NcclFunction.SIGNAL, 0, NcclDataType.INT8, peer);
    } finally {
      guard.exit();
    }
  }

  /// Makes the stream wait for signals; since 2.29.
  ///
  /// @param signals `ncclWaitSignalDesc_t` structures of four ints each: how many, from which peer,
  ///   signal, context
  public void waitSignals(MemorySegment signals, long stream) {
    library.require(NcclFunction.WAIT_SIGNAL);
    enter();
    try {
      int count = Math.toIntExact(signals.byteSize() / NcclManagement.SIGNAL_BYTES);
      int result = calls.waitSignal(count, signals.address(), handle, stream);
      check(result, NcclFunction.WAIT_SIGNAL, count, NcclDataType.INT8, -1);
    } finally {
      guard.exit();
    }
  }

  // ---- state

  /// Returns what NCCL knows of errors that came later, from the network or other ranks; any thread
  /// may ask at any time. [NcclResult#IN_PROGRESS] if it is still at something.
  public NcclResult asyncError() {
    guard.watch();
    try {
      long made = Memory.getLongAcquire(slot.address());
      if (made == 0) {
        return NcclResult.IN_PROGRESS;
      }
      OutWord out = OutWord.current();
      int result = calls.asyncError(made, out.address());
      if (result != SUCCESS) {
        throw library.failed(NcclFunction.COMM_GET_ASYNC_ERROR.symbol(), "", result);
      }
      return NcclResult.of(out.getInt());
    } finally {
      guard.unwatch();
    }
  }

  /// Returns whether everything asked for of a communicator that does not block has been begun; any
  /// thread may ask at any time.
  ///
  /// @throws dev.tutti.bindings.NativeCallException if it went wrong
  public boolean poll() {
    NcclResult result = asyncError();
    if (result == NcclResult.SUCCESS || result == NcclResult.IN_PROGRESS) {
      return result == NcclResult.SUCCESS;
    }
    throw library.failed("NCCL in the background", "", result.ordinal());
  }

  /// Returns the library that made this.
  public NcclLibrary library() {
    return library;
  }

  /// Returns whether it was closed or aborted.
  public boolean isClosed() {
    return guard.isEnded();
  }

  /// Returns the number of ranks.
  public int worldSize() {
    return query(NcclFunction.COMM_COUNT, NcclManagement::count);
  }

  /// Returns this rank.
  public int rank() {
    return query(NcclFunction.COMM_USER_RANK, NcclManagement::userRank);
  }

  /// Returns the number of this rank's device in CUDA's order.
  public int device() {
    return query(NcclFunction.COMM_CU_DEVICE, NcclManagement::device);
  }

  private int query(NcclFunction function, Query query) {
    enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int result = query.call(library.address(function), MemorySegment.ofAddress(handle), out);
      library.check(result, function, "");
      return out.get(JAVA_INT, 0);
    } finally {
      guard.exit();
    }
  }

  /// Returns what NCCL tells of this communicator; since 2.29.
  public NcclProperties properties() {
    return with(made -> NcclManagement.properties(library, made));
  }

  /// Returns how much memory of the device it has; since 2.29.7.
  public NcclMemoryUse memoryUse() {
    return with(made -> NcclManagement.memoryUse(library, made));
  }

  // ---- others from this

  /// Splits; all ranks must. Ranks of one colour get a communicator, in the order of their keys.
  ///
  /// @param color not negative, or [#NO_COLOR]
  /// @param config null for this communicator's
  /// @return null for [#NO_COLOR]
  public @Nullable NcclCommunicator split(int color, int key, @Nullable NcclConfig config) {
    enter();
    try {
      return NcclCreation.split(library, handle, color, key, config);
    } finally {
      guard.exit();
    }
  }

  /// Goes on without some ranks; all others must, these not. Since 2.27.
  ///
  /// @param excluded at least one
  /// @param abortFirst whether to stop what is under way, as after an error
  /// @param config null for this communicator's
  public NcclCommunicator shrink(
      List<Integer> excluded, AbortFirst abortFirst, @Nullable NcclConfig config) {
    int[] ranks = excluded.stream().mapToInt(Integer::intValue).toArray();
    enter();
    try {
      return NcclCreation.shrink(library, handle, ranks, abortFirst.flags(), config);
    } finally {
      guard.exit();
    }
  }

  /// Whether a shrink stops what is under way.
  public enum AbortFirst {
    /// Nothing is under way.
    NO,
    /// Stop it.
    YES;

    int flags() {
      return this == YES ? LibNccl.NCCL_SHRINK_ABORT() : LibNccl.NCCL_SHRINK_DEFAULT();
    }
  }

  /// Makes an id for newcomers, on one rank; since 2.29.
  public NcclUniqueId growId() {
    return with(made -> NcclManagement.growId(library, made));
  }

  /// Takes part in growing, as a rank of this communicator; since 2.29.
  ///
  /// @param worldSize the new number of ranks
  /// @param id of [#growId], at the rank that made it; null at the others
  /// @param config null for this communicator's
  public NcclCommunicator grow(
      int worldSize, @Nullable NcclUniqueId id, @Nullable NcclConfig config) {
    enter();
    try {
      return NcclCreation.grow(library, handle, worldSize, id, -1, config);
    } finally {
      guard.exit();
    }
  }

  /// Joins a communicator that grows, as a newcomer with the current device; since 2.29.
  ///
  /// @param worldSize the new number of ranks
  /// @param id as a rank of the old communicator made it
  /// @param rank of the new ones
  public static NcclCommunicator join(
      NcclLibrary library, int worldSize, NcclUniqueId id, int rank, @Nullable NcclConfig config) {
    return NcclCreation.grow(library, 0, worldSize, id, rank, config);
  }

  // ---- memory and operators

  /// Registers memory that comes back in many operations, so that it need not be copied.
  public NcclRegistration register(long address, long bytes) {
    return with(made -> NcclRegistration.register(this, made, address, bytes));
  }

  /// Registers memory as a window; all ranks must, with as much each. Since 2.27.
  ///
  /// @param address a multiple of 4096, of memory that [NcclLibrary#allocate] made
  /// @param flags 0, or [NcclWindow#SYMMETRIC]
  public NcclWindow window(long address, long bytes, int flags) {
    return with(made -> NcclWindow.register(this, made, address, bytes, flags));
  }

  /// Makes an operator that multiplies each rank's elements by a number and sums.
  ///
  /// @param scalar one element of `type`, in host memory, read before this returns
  public NcclReduceOperator preMultipliedSum(NcclDataType type, MemorySegment scalar) {
    return with(made -> NcclReduceOperator.ofHost(this, made, type, scalar));
  }

  /// Makes an operator that multiplies each rank's elements by a number and sums.
  ///
  /// @param scalar address of one element of `type` in device memory, read while operations run
  public NcclReduceOperator preMultipliedSumOnDevice(NcclDataType type, long scalar) {
    return with(made -> NcclReduceOperator.ofDevice(this, made, type, scalar));
  }

  /// Something done with the handle.
  interface Use<T> {
    T with(long made);
  }

  /// Does something with the handle as one call.
  <T> T with(Use<T> use) {
    enter();
    try {
      return use.with(handle);
    } finally {
      guard.exit();
    }
  }

  // ---- the end

  /// Gives dynamic memory back until [#resume]; since 2.29.7. All ranks must.
  public void suspend() {
    with(made -> NcclManagement.suspend(library, made));
  }

  /// Takes back what [#suspend] gave; since 2.29.7.
  public void resume() {
    with(made -> NcclManagement.resume(library, made));
  }

  /// Flushes what is under way, of all ranks; afterwards only [#close] or [#abort].
  public void finish() {
    with(made -> NcclManagement.finish(library, made));
  }

  /// Stops what is under way; since 2.28.7. Afterwards [#split], [#shrink] and [#close], not
  /// [#finish].
  public void revoke() {
    with(made -> NcclManagement.revoke(library, made));
  }

  /// Frees the communicator when what is under way is done; ranks of one host wait for each other.
  /// Idempotent.
  ///
  /// @throws IllegalStateException if a thread is in a call with it, or has calls with it in a
  ///   group that is open
  @Override
  public void close() {
    if (guard.isEnded()) {
      return;
    }
    NcclGroup open = openGroup;
    if (open != null) {
      throw new IllegalStateException(
          "this communicator of NCCL has calls in a group that thread \""
              + open.thread()
              + "\" has not ended");
    }
    if (guard.end()) {
      NcclManagement.destroy(library, slot);
    }
  }

  /// Ends the communicator and what is under way, and waits for nobody; from any thread.
  /// Idempotent, also after [#close].
  ///
  /// A thread that is in a call with it has 100 ms to leave. That is always enough for a
  /// communicator that does not block. In one that does, the thread may wait for another rank for
  /// ever: NCCL then lets it return with an error.
  public void abort() {
    if (!guard.endByForce()) {
      return;
    }
    long start = System.nanoTime();
    while (guard.isBusy() && System.nanoTime() - start < ABORT_PATIENCE_NANOS) {
      Thread.onSpinWait();
    }
    NcclManagement.abort(library, slot);
  }
}
