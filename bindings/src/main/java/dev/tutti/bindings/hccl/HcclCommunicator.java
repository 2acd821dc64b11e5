package dev.tutti.bindings.hccl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.hccl.generated.HcclCommDestroy_call;
import dev.tutti.bindings.hccl.generated.HcclCommResume_call;
import dev.tutti.bindings.hccl.generated.HcclCommSuspend_call;
import dev.tutti.bindings.hccl.generated.HcclCreateSubCommConfig_call;
import dev.tutti.bindings.hccl.generated.HcclGetCommName_call;
import dev.tutti.bindings.hccl.generated.HcclGetRankId_call;
import dev.tutti.bindings.hccl.generated.HcclGetRankSize_call;
import dev.tutti.bindings.hccl.generated.LibHccl;
import dev.tutti.bindings.library.HandleGuard;
import dev.tutti.bindings.library.OutWord;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rank's end of a communicator of HCCL.
///
/// Collectives and point to point return when the operation is handed to the stream; what they do
/// happens when the stream comes to it. Addresses are those of device memory, streams those of ACL.
/// Counts are elements. Arrays of counts and offsets are `uint64_t` in native memory, one per rank,
/// in elements, and have to stay as they are until the operation is done. These calls allocate
/// nothing.
///
/// One thread at a time; see the package. Use after [#close] or [#abandon] is an
/// `IllegalStateException`.
public final class HcclCommunicator implements AutoCloseable {
  private static final int SUCCESS = LibHccl.HCCL_SUCCESS();
  private static final int NAME_BYTES = 128;
  private static final long NO_COMMUNICATOR_ID = 0xffff_ffffL;
  private static final long ABANDON_PATIENCE_NANOS = 100_000_000;

  private final HcclLibrary library;
  private final HcclCalls calls;
  private final HandleGuard guard = new HandleGuard("communicator of HCCL");
  private final long handle;
  private final int worldSize;
  private final int rank;

  HcclCommunicator(HcclLibrary library, long handle) {
    this.library = library;
    this.calls = library.calls();
    this.handle = handle;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment made = MemorySegment.ofAddress(handle);
      MemorySegment out = arena.allocate(JAVA_INT);
      int size =
          HcclGetRankSize_call.invoke(library.address(HcclFunction.GET_RANK_SIZE), made, out);
      library.check(size, HcclFunction.GET_RANK_SIZE, "");
      this.worldSize = out.get(JAVA_INT, 0);
      int own = HcclGetRankId_call.invoke(library.address(HcclFunction.GET_RANK_ID), made, out);
      library.check(own, HcclFunction.GET_RANK_ID, "");
      this.rank = out.get(JAVA_INT, 0);
    }
  }

  private void check(int result, HcclFunction function, long count, HcclDataType type, int peer) {
    if (result != SUCCESS) {
      String other = peer < 0 ? "" : ", peer=" + peer;
      throw library.failed(function.symbol(), "count=" + count + ", type=" + type + other, result);
    }
  }

  private static void checkCount(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("count is negative: " + count);
    }
  }

  /// Returns the address of one number per rank.
  private long perRank(MemorySegment numbers, String what) {
    if (!numbers.isNative() || numbers.byteSize() < worldSize * JAVA_LONG.byteSize()) {
      throw new IllegalArgumentException(
          what
              + " must be "
              + worldSize
              + " uint64_t in native memory, one per rank; these are "
              + numbers.byteSize()
              + " bytes");
    }
    if (!numbers.scope().isAlive()) {
      throw new IllegalStateException("the arena of " + what + " is closed");
    }
    return numbers.address();
  }

  // ---- collectives

  /// Waits for all ranks, on the stream.
  public void barrier(long stream) {
    guard.enter();
    try {
      int result = calls.barrier(handle, stream);
      if (result != SUCCESS) {
        throw library.failed(HcclFunction.BARRIER.symbol(), "", result);
      }
    } finally {
      guard.exit();
    }
  }

  /// Reduces over all ranks; every rank gets the result.
  ///
  /// @param send `count` elements
  /// @param recv `count` elements
  public void allReduce(
      long send, long recv, long count, HcclDataType type, HcclReduceOp op, long stream) {
    checkCount(count);
    guard.enter();
    try {
      int result = calls.allReduce(send, recv, count, type.code(), op.code(), handle, stream);
      check(result, HcclFunction.ALL_REDUCE, count, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Reduces over all ranks; the root gets the result.
  ///
  /// @param send `count` elements
  /// @param recv `count` elements; used at the root only
  public void reduce(
      long send, long recv, long count, HcclDataType type, HcclReduceOp op, int root, long stream) {
    checkCount(count);
    guard.enter();
    try {
      int code = type.code();
      int result = calls.reduce(send, recv, count, code, op.code(), root, handle, stream);
      check(result, HcclFunction.REDUCE, count, type, root);
    } finally {
      guard.exit();
    }
  }

  /// Copies the root's elements to every rank, in place.
  ///
  /// @param buffer `count` elements
  public void broadcast(long buffer, long count, HcclDataType type, int root, long stream) {
    checkCount(count);
    guard.enter();
    try {
      int result = calls.broadcast(buffer, count, type.code(), root, handle, stream);
      check(result, HcclFunction.BROADCAST, count, type, root);
    } finally {
      guard.exit();
    }
  }

  /// Reduces over all ranks; rank i gets part i of the result.
  ///
  /// @param send `worldSize * recvCount` elements
  /// @param recv `recvCount` elements
  public void reduceScatter(
      long send, long recv, long recvCount, HcclDataType type, HcclReduceOp op, long stream) {
    checkCount(recvCount);
    guard.enter();
    try {
      int code = type.code();
      int result = calls.reduceScatter(send, recv, recvCount, code, op.code(), handle, stream);
      check(result, HcclFunction.REDUCE_SCATTER, recvCount, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Reduces over all ranks; rank i gets `counts[i]` elements of the result from `offsets[i]` on.
  ///
  /// @param recv `recvCount` elements, as many as `counts` has for this rank
  public void reduceScatterV(
      long send,
      MemorySegment counts,
      MemorySegment offsets,
      long recv,
      long recvCount,
      HcclDataType type,
      HcclReduceOp op,
      long stream) {
    checkCount(recvCount);
    long each = perRank(counts, "counts");
    long from = perRank(offsets, "offsets");
    guard.enter();
    try {
      int code = type.code();
      int result =
          calls.reduceScatterV(send, each, from, recv, recvCount, code, op.code(), handle, stream);
      check(result, HcclFunction.REDUCE_SCATTER_V, recvCount, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Collects the elements of all ranks, in the order of ranks, at every rank.
  ///
  /// @param send `sendCount` elements
  /// @param recv `worldSize * sendCount` elements
  public void allGather(long send, long recv, long sendCount, HcclDataType type, long stream) {
    checkCount(sendCount);
    guard.enter();
    try {
      int result = calls.allGather(send, recv, sendCount, type.code(), handle, stream);
      check(result, HcclFunction.ALL_GATHER, sendCount, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Collects `counts[i]` elements of each rank i, at `offsets[i]`, at every rank.
  ///
  /// @param send `sendCount` elements, as many as `counts` has for this rank
  public void allGatherV(
      long send,
      long sendCount,
      long recv,
      MemorySegment counts,
      MemorySegment offsets,
      HcclDataType type,
      long stream) {
    checkCount(sendCount);
    long each = perRank(counts, "counts");
    long to = perRank(offsets, "offsets");
    guard.enter();
    try {
      int code = type.code();
      int result = calls.allGatherV(send, sendCount, recv, each, to, code, handle, stream);
      check(result, HcclFunction.ALL_GATHER_V, sendCount, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Gives each rank its part of the root's elements.
  ///
  /// @param send `worldSize * recvCount` elements; used at the root only
  /// @param recv `recvCount` elements
  public void scatter(
      long send, long recv, long recvCount, HcclDataType type, int root, long stream) {
    checkCount(recvCount);
    guard.enter();
    try {
      int result = calls.scatter(send, recv, recvCount, type.code(), root, handle, stream);
      check(result, HcclFunction.SCATTER, recvCount, type, root);
    } finally {
      guard.exit();
    }
  }

  /// Sends part j to rank j and receives part i from rank i.
  ///
  /// @param send `worldSize * count` elements
  /// @param recv `worldSize * count` elements
  public void allToAll(long send, long recv, long count, HcclDataType type, long stream) {
    checkCount(count);
    guard.enter();
    try {
      int code = type.code();
      int result = calls.allToAll(send, count, code, recv, count, code, handle, stream);
      check(result, HcclFunction.ALL_TO_ALL, count, type, -1);
    } finally {
      guard.exit();
    }
  }

  /// Sends `sendCounts[j]` elements from `sendOffsets[j]` on to each rank j, and receives
  /// `recvCounts[i]` elements from each rank i at `recvOffsets[i]`.
  public void allToAllV(
      long send,
      MemorySegment sendCounts,
      MemorySegment sendOffsets,
      long recv,
      MemorySegment recvCounts,
      MemorySegment recvOffsets,
      HcclDataType type,
      long stream) {
    long sent = perRank(sendCounts, "sendCounts");
    long from = perRank(sendOffsets, "sendOffsets");
    long received = perRank(recvCounts, "recvCounts");
    long to = perRank(recvOffsets, "recvOffsets");
    guard.enter();
    try {
      int code = type.code();
      int result =
          calls.allToAllV(send, sent, from, code, recv, received, to, code, handle, stream);
      check(result, HcclFunction.ALL_TO_ALL_V, 0, type, -1);
    } finally {
      guard.exit();
    }
  }

  // ---- point to point

  /// Sends to a rank, which must receive as much.
  public void send(long address, long count, HcclDataType type, int peer, long stream) {
    checkCount(count);
    guard.enter();
    try {
      int result = calls.send(address, count, type.code(), peer, handle, stream);
      check(result, HcclFunction.SEND, count, type, peer);
    } finally {
      guard.exit();
    }
  }

  /// Receives from a rank, which must send as much.
  public void receive(long address, long count, HcclDataType type, int peer, long stream) {
    checkCount(count);
    guard.enter();
    try {
      int result = calls.receive(address, count, type.code(), peer, handle, stream);
      check(result, HcclFunction.RECV, count, type, peer);
    } finally {
      guard.exit();
    }
  }

  /// Sends and receives many at once, which may depend on each other.
  public void batchSendReceive(HcclTransfers transfers, long stream) {
    long items = transfers.address();
    guard.enter();
    try {
      int result = calls.batchSendRecv(items, transfers.count(), handle, stream);
      if (result != SUCCESS) {
        throw library.failed(
            HcclFunction.BATCH_SEND_RECV.symbol(), "count=" + transfers.count(), result);
      }
    } finally {
      guard.exit();
    }
  }

  // ---- state

  /// Returns the library that made this.
  public HcclLibrary library() {
    return library;
  }

  /// Returns the number of ranks.
  public int worldSize() {
    return worldSize;
  }

  /// Returns this rank.
  public int rank() {
    return rank;
  }

  /// Returns whether it was closed or abandoned.
  public boolean isClosed() {
    return guard.isEnded();
  }

  /// Returns what HCCL knows of errors that came later, from the network or other ranks; any thread
  /// may ask at any time. Only [HcclResult#SUCCESS] or [HcclResult#REMOTE].
  public HcclResult asyncError() {
    guard.watch();
    try {
      OutWord out = OutWord.current();
      int result = calls.asyncError(handle, out.address());
      if (result != SUCCESS) {
        throw library.failed(HcclFunction.GET_COMM_ASYNC_ERROR.symbol(), "", result);
      }
      return HcclResult.of(out.getInt());
    } finally {
      guard.unwatch();
    }
  }

  /// Returns the name that HCCL or the configuration gave it.
  public String name() {
    guard.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(NAME_BYTES + 1);
      int result =
          HcclGetCommName_call.invoke(
              library.address(HcclFunction.GET_COMM_NAME), MemorySegment.ofAddress(handle), name);
      library.check(result, HcclFunction.GET_COMM_NAME, "");
      return name.getString(0);
    } finally {
      guard.exit();
    }
  }

  // ---- others from this

  /// Makes a communicator of some ranks of this one, which must be one of all ranks; all ranks
  /// must, with the same id for the same part.
  ///
  /// @param ranks those in the part, in the order of their new ranks; empty for a rank that is in
  ///   none
  /// @param id different for each part made of this communicator
  /// @return null for a rank that is in no part
  public @Nullable HcclCommunicator part(List<Integer> ranks, long id, HcclConfig config) {
    int own = ranks.indexOf(rank);
    if (own < 0 && !ranks.isEmpty()) {
      throw new IllegalArgumentException("rank " + rank + " is not among the ranks " + ranks);
    }
    int[] members = ranks.stream().mapToInt(Integer::intValue).toArray();
    guard.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parent = arena.allocate(ADDRESS);
      parent.set(ADDRESS, 0, MemorySegment.ofAddress(handle));
      MemorySegment out = arena.allocate(ADDRESS);
      boolean isIn = own >= 0;
      int result =
          HcclCreateSubCommConfig_call.invoke(
              library.address(HcclFunction.CREATE_SUB_COMM_CONFIG),
              parent,
              members.length,
              isIn ? arena.allocateFrom(JAVA_INT, members) : MemorySegment.NULL,
              isIn ? id : NO_COMMUNICATOR_ID,
              Math.max(own, 0),
              config.write(arena),
              out);
      library.check(result, HcclFunction.CREATE_SUB_COMM_CONFIG, "ranks=" + ranks);
      return isIn ? new HcclCommunicator(library, out.get(ADDRESS, 0).address()) : null;
    } finally {
      guard.exit();
    }
  }

  // ---- the end

  /// Stops operations, for repair of the device's memory; on few chips.
  public void suspend() {
    guard.enter();
    try {
      int result =
          HcclCommSuspend_call.invoke(
              library.address(HcclFunction.COMM_SUSPEND), MemorySegment.ofAddress(handle));
      library.check(result, HcclFunction.COMM_SUSPEND, "");
    } finally {
      guard.exit();
    }
  }

  /// Goes on after [#suspend].
  public void resume() {
    guard.enter();
    try {
      int result =
          HcclCommResume_call.invoke(
              library.address(HcclFunction.COMM_RESUME), MemorySegment.ofAddress(handle));
      library.check(result, HcclFunction.COMM_RESUME, "");
    } finally {
      guard.exit();
    }
  }

  /// Frees the communicator; what is under way on streams should be done. Idempotent.
  ///
  /// @throws IllegalStateException if a thread is in a call with it
  @Override
  public void close() {
    if (guard.end()) {
      destroy();
    }
  }

  /// Ends the use of the communicator from any thread, after an error or because it hangs, which
  /// `AclRuntime.abortTasks` or `AclStream.abort` should have ended. HCCL cannot abort: if a thread
  /// is still in a call after 100 ms, the communicator is not freed. Idempotent.
  ///
  /// @return whether it was freed
  public boolean abandon() {
    if (!guard.endByForce()) {
      return false;
    }
    long start = System.nanoTime();
    while (guard.isBusy() && System.nanoTime() - start < ABANDON_PATIENCE_NANOS) {
      Thread.onSpinWait();
    }
    if (guard.isBusy()) {
      return false;
    }
    try {
      destroy();
      return true;
    } catch (NativeCallException _) {
      return false; // it was broken before
    }
  }

  private void destroy() {
    int result =
        HcclCommDestroy_call.invoke(
            library.address(HcclFunction.COMM_DESTROY), MemorySegment.ofAddress(handle));
    library.check(result, HcclFunction.COMM_DESTROY, "");
  }
}
