package dev.tutti.collectives.device;

import dev.tutti.bindings.nccl.NcclCommunicator;
import dev.tutti.bindings.nccl.NcclCommunicator.AbortFirst;
import dev.tutti.bindings.nccl.NcclDataType;
import dev.tutti.bindings.nccl.NcclFunction;
import dev.tutti.bindings.nccl.NcclLibrary;
import dev.tutti.bindings.nccl.NcclReduceOp;
import dev.tutti.bindings.nccl.NcclReduceOperator;
import dev.tutti.bindings.nccl.NcclRegistration;
import dev.tutti.bindings.nccl.NcclResult;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rank of NCCL. What versions before 2.28 lack (all-to-all, gather, scatter), and all-to-all-v,
/// is a group of sends and receives; a barrier is an all-reduce of one element.
final class NcclRank implements VendorRank {
  private final NcclCommunicator communicator;
  private final NcclLibrary nccl;
  private final DeviceRuntime runtime;
  private final int size;
  private final int rank;
  private final boolean hasRooted; // all-to-all, gather and scatter
  private DeviceRuntime.@Nullable Owned token; // one element, for barriers
  private @Nullable NcclReduceOperator multiplied; // the latest, not yet freed
  private boolean revoked;

  NcclRank(NcclCommunicator communicator, DeviceRuntime runtime, int size, int rank) {
    this.communicator = communicator;
    this.nccl = communicator.library();
    this.runtime = runtime;
    this.size = size;
    this.rank = rank;
    this.hasRooted = nccl.supports(NcclFunction.ALL_TO_ALL);
    this.token = runtime.allocate(Long.BYTES);
  }

  NcclCommunicator communicator() {
    return communicator;
  }

  private static NcclDataType of(DataType type) {
    return switch (type) {
      case INT8 -> NcclDataType.INT8;
      case UINT8 -> NcclDataType.UINT8;
      case INT32 -> NcclDataType.INT32;
      case UINT32 -> NcclDataType.UINT32;
      case INT64 -> NcclDataType.INT64;
      case UINT64 -> NcclDataType.UINT64;
      case FLOAT16 -> NcclDataType.FLOAT16;
      case BFLOAT16 -> NcclDataType.BFLOAT16;
      case FLOAT32 -> NcclDataType.FLOAT32;
      case FLOAT64 -> NcclDataType.FLOAT64;
      case FLOAT8_E4M3 -> NcclDataType.FLOAT8_E4M3;
      case FLOAT8_E5M2 -> NcclDataType.FLOAT8_E5M2;
    };
  }

  @Override
  public void require(DataType type, @Nullable ReduceOp op) {
    NcclDataType known = of(type);
    if (known.since() > nccl.version()) {
      throw new UnsupportedOperationException(
          NcclVendor.description(nccl)
              + " has no type "
              + type
              + " (since "
              + NcclLibrary.versionText(known.since())
              + ")");
    }
    if (op == ReduceOp.PRE_MUL_SUM
        && type != DataType.FLOAT32
        && type != DataType.FLOAT64
        && type != DataType.FLOAT16
        && type != DataType.BFLOAT16) {
      throw new UnsupportedOperationException(
          "PRE_MUL_SUM of "
              + type
              + " is not for "
              + NcclVendor.description(nccl)
              + ": FLOAT16, BFLOAT16, FLOAT32 or FLOAT64");
    }
  }

  // ---- reductions

  /// Something done with an operator's number.
  private interface Reducing {
    void with(int op);
  }

  private void reducing(DataType type, ReduceOp op, double factor, Reducing action) {
    switch (op) {
      case SUM -> action.with(NcclReduceOp.SUM);
      case PROD -> action.with(NcclReduceOp.PROD);
      case MIN -> action.with(NcclReduceOp.MIN);
      case MAX -> action.with(NcclReduceOp.MAX);
      case AVG -> action.with(NcclReduceOp.AVG);
      case PRE_MUL_SUM -> action.with(multiplied(type, factor).code());
    }
  }

  /// An operator can be freed only when NCCL has begun what uses it: that is so at the next one.
  private NcclReduceOperator multiplied(DataType type, double factor) {
    NcclReduceOperator before = multiplied;
    if (before != null) {
      multiplied = null;
      before.close();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scalar = HostElements.element(arena, type, factor);
      NcclReduceOperator made = communicator.preMultipliedSum(of(type), scalar);
      multiplied = made;
      return made;
    }
  }

  @Override
  public void allReduce(
      long send, long receive, long count, DataType type, ReduceOp op, double factor, long stream) {
    reducing(
        type,
        op,
        factor,
        code -> communicator.allReduce(send, receive, count, of(type), code, stream));
  }

  @Override
  public void reduce(
      long send,
      long receive,
      long count,
      DataType type,
      ReduceOp op,
      double factor,
      int root,
      long stream) {
    reducing(
        type,
        op,
        factor,
        code -> communicator.reduce(send, receive, count, of(type), code, root, stream));
  }

  @Override
  public void reduceScatter(
      long send, long receive, long count, DataType type, ReduceOp op, double factor, long stream) {
    reducing(
        type,
        op,
        factor,
        code -> communicator.reduceScatter(send, receive, count, of(type), code, stream));
  }

  // ---- the others

  @Override
  public void broadcast(long buffer, long count, DataType type, int root, long stream) {
    communicator.broadcast(buffer, buffer, count, of(type), root, stream);
  }

  @Override
  public void allGather(long send, long receive, long count, DataType type, long stream) {
    communicator.allGather(send, receive, count, of(type), stream);
  }

  @Override
  public void gather(long send, long receive, long count, DataType type, int root, long stream) {
    if (hasRooted) {
      communicator.gather(send, receive, count, of(type), root, stream);
    } else {
      exchange(Composed.gather(send, receive, count, type, root, rank, size), stream);
    }
  }

  @Override
  public void scatter(long send, long receive, long count, DataType type, int root, long stream) {
    if (hasRooted) {
      communicator.scatter(send, receive, count, of(type), root, stream);
    } else {
      exchange(Composed.scatter(send, receive, count, type, root, rank, size), stream);
    }
  }

  @Override
  public void allToAll(long send, long receive, long count, DataType type, long stream) {
    if (hasRooted) {
      communicator.allToAll(send, receive, count, of(type), stream);
    } else {
      exchange(Composed.allToAll(send, receive, count, type, size), stream);
    }
  }

  @Override
  public void allToAllV(
      long send,
      long[] sendCounts,
      long[] sendDisplacements,
      long receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type,
      long stream) {
    long bytes = type.bytes();
    List<Transfer> transfers = new ArrayList<>(2 * size);
    for (int peer = 0; peer < size; peer++) {
      long from = send + sendDisplacements[peer] * bytes;
      transfers.add(Transfer.send(from, sendCounts[peer], type, peer));
      long to = receive + receiveDisplacements[peer] * bytes;
      transfers.add(Transfer.receive(to, receiveCounts[peer], type, peer));
    }
    exchange(transfers, stream);
  }

  @Override
  public void barrier(long stream) {
    DeviceRuntime.Owned element = token;
    if (element == null) {
      throw new IllegalStateException("this communicator of NCCL is closed");
    }
    long at = element.address();
    communicator.allReduce(at, at, 1, NcclDataType.INT32, NcclReduceOp.MAX, stream);
  }

  @Override
  public void exchange(List<Transfer> transfers, long stream) {
    nccl.groupStart();
    RuntimeException first = null;
    try {
      for (Transfer transfer : transfers) {
        if (transfer.count() > 0) {
          add(transfer, stream);
        }
      }
    } catch (RuntimeException e) {
      first = e;
    }
    try {
      boolean _ = nccl.groupEnd(); // what is not done yet is waited for with isSettled
    } catch (RuntimeException e) {
      first = first == null ? e : first; // the end repeats an error of the middle
    }
    if (first != null) {
      throw first;
    }
  }

  private void add(Transfer transfer, long stream) {
    NcclDataType type = of(transfer.type());
    switch (transfer.kind()) {
      case SEND ->
          communicator.send(transfer.address(), transfer.count(), type, transfer.peer(), stream);
      case RECEIVE ->
          communicator.receive(transfer.address(), transfer.count(), type, transfer.peer(), stream);
    }
  }

  // ---- state

  @Override
  public boolean isSettled() {
    return communicator.poll();
  }

  @Override
  public @Nullable String asyncError() {
    NcclResult result = communicator.asyncError();
    if (result == NcclResult.SUCCESS || result == NcclResult.IN_PROGRESS) {
      return null;
    }
    String words = nccl.lastError();
    return NcclVendor.description(nccl)
        + " reports "
        + result.symbol()
        + (words.isEmpty() ? "" : ": " + words);
  }

  @Override
  public boolean isHarmless(int error) {
    return NcclResult.of(error).leavesCommunicatorUsable();
  }

  @Override
  public DeviceRegistration register(long address, long bytes) {
    NcclRegistration registration = communicator.register(address, bytes);
    return registration::close;
  }

  // ---- others from this, and the end

  @Override
  public VendorRank split(int color, int key, List<Integer> members) {
    NcclCommunicator part = communicator.split(color, key, NcclVendor.CONFIG);
    if (part == null) {
      throw new AssertionError("color " + color + " is one");
    }
    return new NcclRank(part, runtime, members.size(), members.indexOf(rank));
  }

  @Override
  public boolean canShrink() {
    return nccl.supports(NcclFunction.COMM_SHRINK) && !communicator.isClosed();
  }

  @Override
  public VendorRank shrink(List<Integer> excluded) {
    NcclCommunicator left = communicator.shrink(excluded, AbortFirst.YES, NcclVendor.CONFIG);
    int before = (int) excluded.stream().filter(other -> other < rank).count();
    return new NcclRank(left, runtime, size - excluded.size(), rank - before);
  }

  @Override
  public void stop() {
    if (nccl.supports(NcclFunction.COMM_REVOKE) && canShrink()) {
      if (!revoked) {
        revoked = true;
        communicator.revoke();
      }
    } else {
      abort();
    }
  }

  @Override
  public void abort() {
    communicator.abort();
    freeToken();
  }

  @Override
  public void finish() {
    communicator.finish();
  }

  @Override
  public void close() {
    communicator.close();
    freeToken();
  }

  private void freeToken() {
    DeviceRuntime.Owned element = token;
    if (element != null) {
      token = null;
      element.close();
    }
  }
}
