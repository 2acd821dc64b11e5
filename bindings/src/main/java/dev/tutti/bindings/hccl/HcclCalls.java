package dev.tutti.bindings.hccl;

import dev.tutti.bindings.hccl.generated.HcclAllGatherV_call;
import dev.tutti.bindings.hccl.generated.HcclAllGather_call;
import dev.tutti.bindings.hccl.generated.HcclAllReduce_call;
import dev.tutti.bindings.hccl.generated.HcclAlltoAllV_call;
import dev.tutti.bindings.hccl.generated.HcclAlltoAll_call;
import dev.tutti.bindings.hccl.generated.HcclBarrier_call;
import dev.tutti.bindings.hccl.generated.HcclBatchSendRecv_call;
import dev.tutti.bindings.hccl.generated.HcclBroadcast_call;
import dev.tutti.bindings.hccl.generated.HcclGetCommAsyncError_call;
import dev.tutti.bindings.hccl.generated.HcclRecv_call;
import dev.tutti.bindings.hccl.generated.HcclReduceScatterV_call;
import dev.tutti.bindings.hccl.generated.HcclReduceScatter_call;
import dev.tutti.bindings.hccl.generated.HcclReduce_call;
import dev.tutti.bindings.hccl.generated.HcclScatter_call;
import dev.tutti.bindings.hccl.generated.HcclSend_call;
import dev.tutti.bindings.library.Downcalls;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The calls of the data path of one HCCL, with pointers as `long`. They allocate nothing. Each
/// form of call is linked on its first use.
final class HcclCalls {
  private final MemorySegment allReduce;
  private final MemorySegment broadcast;
  private final MemorySegment reduce;
  private final MemorySegment reduceScatter;
  private final MemorySegment reduceScatterV;
  private final MemorySegment allGather;
  private final MemorySegment allGatherV;
  private final MemorySegment scatter;
  private final MemorySegment allToAll;
  private final MemorySegment allToAllV;
  private final MemorySegment barrier;
  private final MemorySegment send;
  private final MemorySegment receive;
  private final MemorySegment batchSendRecv;
  private final MemorySegment asyncError;

  HcclCalls(NativeLibrary library) {
    this.allReduce = library.function("HcclAllReduce");
    this.broadcast = library.function("HcclBroadcast");
    this.reduce = library.function("HcclReduce");
    this.reduceScatter = library.function("HcclReduceScatter");
    this.reduceScatterV = library.function("HcclReduceScatterV");
    this.allGather = library.function("HcclAllGather");
    this.allGatherV = library.function("HcclAllGatherV");
    this.scatter = library.function("HcclScatter");
    this.allToAll = library.function("HcclAlltoAll");
    this.allToAllV = library.function("HcclAlltoAllV");
    this.barrier = library.function("HcclBarrier");
    this.send = library.function("HcclSend");
    this.receive = library.function("HcclRecv");
    this.batchSendRecv = library.function("HcclBatchSendRecv");
    this.asyncError = library.function("HcclGetCommAsyncError");
  }

  private static final class AllReduce {
    static final MethodHandle HANDLE = Downcalls.link(HcclAllReduce_call.descriptor());
  }

  int allReduce(long send, long recv, long count, int type, int op, long comm, long stream) {
    try {
      return (int)
          AllReduce.HANDLE.invokeExact(allReduce, send, recv, count, type, op, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Broadcast {
    static final MethodHandle HANDLE = Downcalls.link(HcclBroadcast_call.descriptor());
  }

  int broadcast(long buffer, long count, int type, int root, long comm, long stream) {
    try {
      return (int) Broadcast.HANDLE.invokeExact(broadcast, buffer, count, type, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Reduce {
    static final MethodHandle HANDLE = Downcalls.link(HcclReduce_call.descriptor());
  }

  int reduce(long send, long recv, long count, int type, int op, int root, long comm, long stream) {
    try {
      return (int)
          Reduce.HANDLE.invokeExact(reduce, send, recv, count, type, op, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class ReduceScatter {
    static final MethodHandle HANDLE = Downcalls.link(HcclReduceScatter_call.descriptor());
  }

  int reduceScatter(
      long send, long recv, long recvCount, int type, int op, long comm, long stream) {
    try {
      return (int)
          ReduceScatter.HANDLE.invokeExact(
              reduceScatter, send, recv, recvCount, type, op, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class ReduceScatterV {
    static final MethodHandle HANDLE = Downcalls.link(HcclReduceScatterV_call.descriptor());
  }

  int reduceScatterV(
      long send,
      long counts,
      long offsets,
      long recv,
      long recvCount,
      int type,
      int op,
      long comm,
      long stream) {
    try {
      return (int)
          ReduceScatterV.HANDLE.invokeExact(
              reduceScatterV, send, counts, offsets, recv, recvCount, type, op, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AllGather {
    static final MethodHandle HANDLE = Downcalls.link(HcclAllGather_call.descriptor());
  }

  int allGather(long send, long recv, long sendCount, int type, long comm, long stream) {
    try {
      return (int)
          AllGather.HANDLE.invokeExact(allGather, send, recv, sendCount, type, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AllGatherV {
    static final MethodHandle HANDLE = Downcalls.link(HcclAllGatherV_call.descriptor());
  }

  int allGatherV(
      long send,
      long sendCount,
      long recv,
      long counts,
      long offsets,
      int type,
      long comm,
      long stream) {
    try {
      return (int)
          AllGatherV.HANDLE.invokeExact(
              allGatherV, send, sendCount, recv, counts, offsets, type, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Scatter {
    static final MethodHandle HANDLE = Downcalls.link(HcclScatter_call.descriptor());
  }

  int scatter(long send, long recv, long recvCount, int type, int root, long comm, long stream) {
    try {
      return (int)
          Scatter.HANDLE.invokeExact(scatter, send, recv, recvCount, type, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AllToAll {
    static final MethodHandle HANDLE = Downcalls.link(HcclAlltoAll_call.descriptor());
  }

  int allToAll(
      long send,
      long sendCount,
      int sendType,
      long recv,
      long recvCount,
      int recvType,
      long comm,
      long stream) {
    try {
      return (int)
          AllToAll.HANDLE.invokeExact(
              allToAll, send, sendCount, sendType, recv, recvCount, recvType, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AllToAllV {
    static final MethodHandle HANDLE = Downcalls.link(HcclAlltoAllV_call.descriptor());
  }

  int allToAllV(
      long send,
      long sendCounts,
      long sendOffsets,
      int sendType,
      long recv,
      long recvCounts,
      long recvOffsets,
      int recvType,
      long comm,
      long stream) {
    try {
      return (int)
          AllToAllV.HANDLE.invokeExact(
              allToAllV,
              send,
              sendCounts,
              sendOffsets,
              sendType,
              recv,
              recvCounts,
              recvOffsets,
              recvType,
              comm,
              stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Barrier {
    static final MethodHandle HANDLE = Downcalls.link(HcclBarrier_call.descriptor());
  }

  int barrier(long comm, long stream) {
    try {
      return (int) Barrier.HANDLE.invokeExact(barrier, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Send {
    static final MethodHandle HANDLE = Downcalls.link(HcclSend_call.descriptor());
  }

  int send(long address, long count, int type, int peer, long comm, long stream) {
    try {
      return (int) Send.HANDLE.invokeExact(send, address, count, type, peer, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Receive {
    static final MethodHandle HANDLE = Downcalls.link(HcclRecv_call.descriptor());
  }

  int receive(long address, long count, int type, int peer, long comm, long stream) {
    try {
      return (int) Receive.HANDLE.invokeExact(receive, address, count, type, peer, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class BatchSendRecv {
    static final MethodHandle HANDLE = Downcalls.link(HcclBatchSendRecv_call.descriptor());
  }

  int batchSendRecv(long items, int count, long comm, long stream) {
    try {
      return (int) BatchSendRecv.HANDLE.invokeExact(batchSendRecv, items, count, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AsyncError {
    static final MethodHandle HANDLE = Downcalls.link(HcclGetCommAsyncError_call.descriptor());
  }

  int asyncError(long comm, long result) {
    try {
      return (int) AsyncError.HANDLE.invokeExact(asyncError, comm, result);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
