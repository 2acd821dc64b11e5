package dev.tutti.bindings.nccl;

import dev.tutti.bindings.library.Downcalls;
import dev.tutti.bindings.nccl.generated.ncclAllGather_call;
import dev.tutti.bindings.nccl.generated.ncclAllReduce_call;
import dev.tutti.bindings.nccl.generated.ncclAlltoAll_call;
import dev.tutti.bindings.nccl.generated.ncclBroadcast_call;
import dev.tutti.bindings.nccl.generated.ncclCommGetAsyncError_call;
import dev.tutti.bindings.nccl.generated.ncclGather_call;
import dev.tutti.bindings.nccl.generated.ncclGroupEnd_call;
import dev.tutti.bindings.nccl.generated.ncclGroupStart_call;
import dev.tutti.bindings.nccl.generated.ncclPutSignal_call;
import dev.tutti.bindings.nccl.generated.ncclRecv_call;
import dev.tutti.bindings.nccl.generated.ncclReduceScatter_call;
import dev.tutti.bindings.nccl.generated.ncclReduce_call;
import dev.tutti.bindings.nccl.generated.ncclScatter_call;
import dev.tutti.bindings.nccl.generated.ncclSend_call;
import dev.tutti.bindings.nccl.generated.ncclSignal_call;
import dev.tutti.bindings.nccl.generated.ncclWaitSignal_call;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The calls of the data path of one library, with pointers as `long`. They allocate nothing. Each
/// form of call is linked on its first use.
final class NcclCalls {
  private final MemorySegment allReduce;
  private final MemorySegment reduce;
  private final MemorySegment broadcast;
  private final MemorySegment reduceScatter;
  private final MemorySegment allGather;
  private final MemorySegment allToAll;
  private final MemorySegment gather;
  private final MemorySegment scatter;
  private final MemorySegment send;
  private final MemorySegment receive;
  private final MemorySegment putSignal;
  private final MemorySegment signal;
  private final MemorySegment waitSignal;
  private final MemorySegment asyncError;
  private final MemorySegment groupStart;
  private final MemorySegment groupEnd;

  NcclCalls(NcclLibrary library) {
    this.allReduce = library.address(NcclFunction.ALL_REDUCE);
    this.reduce = library.address(NcclFunction.REDUCE);
    this.broadcast = library.address(NcclFunction.BROADCAST);
    this.reduceScatter = library.address(NcclFunction.REDUCE_SCATTER);
    this.allGather = library.address(NcclFunction.ALL_GATHER);
    this.allToAll = library.optionalAddress(NcclFunction.ALL_TO_ALL);
    this.gather = library.optionalAddress(NcclFunction.GATHER);
    this.scatter = library.optionalAddress(NcclFunction.SCATTER);
    this.send = library.address(NcclFunction.SEND);
    this.receive = library.address(NcclFunction.RECV);
    this.putSignal = library.optionalAddress(NcclFunction.PUT_SIGNAL);
    this.signal = library.optionalAddress(NcclFunction.SIGNAL);
    this.waitSignal = library.optionalAddress(NcclFunction.WAIT_SIGNAL);
    this.asyncError = library.address(NcclFunction.COMM_GET_ASYNC_ERROR);
    this.groupStart = library.address(NcclFunction.GROUP_START);
    this.groupEnd = library.address(NcclFunction.GROUP_END);
  }

  private static final class AllReduce {
    static final MethodHandle HANDLE = Downcalls.link(ncclAllReduce_call.descriptor());
  }

  int allReduce(long send, long recv, long count, int type, int op, long comm, long stream) {
    try {
      return (int)
          AllReduce.HANDLE.invokeExact(allReduce, send, recv, count, type, op, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Reduce {
    static final MethodHandle HANDLE = Downcalls.link(ncclReduce_call.descriptor());
  }

  int reduce(long send, long recv, long count, int type, int op, int root, long comm, long stream) {
    try {
      return (int)
          Reduce.HANDLE.invokeExact(reduce, send, recv, count, type, op, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Broadcast {
    static final MethodHandle HANDLE = Downcalls.link(ncclBroadcast_call.descriptor());
  }

  int broadcast(long send, long recv, long count, int type, int root, long comm, long stream) {
    try {
      return (int)
          Broadcast.HANDLE.invokeExact(broadcast, send, recv, count, type, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class ReduceScatter {
    static final MethodHandle HANDLE = Downcalls.link(ncclReduceScatter_call.descriptor());
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

  private static final class AllGather {
    static final MethodHandle HANDLE = Downcalls.link(ncclAllGather_call.descriptor());
  }

  int allGather(long send, long recv, long sendCount, int type, long comm, long stream) {
    try {
      return (int)
          AllGather.HANDLE.invokeExact(allGather, send, recv, sendCount, type, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AllToAll {
    static final MethodHandle HANDLE = Downcalls.link(ncclAlltoAll_call.descriptor());
  }

  int allToAll(long send, long recv, long count, int type, long comm, long stream) {
    try {
      return (int) AllToAll.HANDLE.invokeExact(allToAll, send, recv, count, type, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Gather {
    static final MethodHandle HANDLE = Downcalls.link(ncclGather_call.descriptor());
  }

  int gather(long send, long recv, long count, int type, int root, long comm, long stream) {
    try {
      return (int) Gather.HANDLE.invokeExact(gather, send, recv, count, type, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Scatter {
    static final MethodHandle HANDLE = Downcalls.link(ncclScatter_call.descriptor());
  }

  int scatter(long send, long recv, long count, int type, int root, long comm, long stream) {
    try {
      return (int) Scatter.HANDLE.invokeExact(scatter, send, recv, count, type, root, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Send {
    static final MethodHandle HANDLE = Downcalls.link(ncclSend_call.descriptor());
  }

  int send(long address, long count, int type, int peer, long comm, long stream) {
    try {
      return (int) Send.HANDLE.invokeExact(send, address, count, type, peer, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Receive {
    static final MethodHandle HANDLE = Downcalls.link(ncclRecv_call.descriptor());
  }

  int receive(long address, long count, int type, int peer, long comm, long stream) {
    try {
      return (int) Receive.HANDLE.invokeExact(receive, address, count, type, peer, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class PutSignal {
    static final MethodHandle HANDLE = Downcalls.link(ncclPutSignal_call.descriptor());
  }

  int putSignal(
      long address,
      long count,
      int type,
      int peer,
      long window,
      long offset,
      int signal,
      int context,
      int flags,
      long comm,
      long stream) {
    try {
      return (int)
          PutSignal.HANDLE.invokeExact(
              putSignal, address, count, type, peer, window, offset, signal, context, flags, comm,
              stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class Signal {
    static final MethodHandle HANDLE = Downcalls.link(ncclSignal_call.descriptor());
  }

  int signal(int peer, int signal, int context, int flags, long comm, long stream) {
    try {
      return (int)
          Signal.HANDLE.invokeExact(this.signal, peer, signal, context, flags, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class WaitSignal {
    static final MethodHandle HANDLE = Downcalls.link(ncclWaitSignal_call.descriptor());
  }

  int waitSignal(int count, long descriptors, long comm, long stream) {
    try {
      return (int) WaitSignal.HANDLE.invokeExact(waitSignal, count, descriptors, comm, stream);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class AsyncError {
    static final MethodHandle HANDLE = Downcalls.link(ncclCommGetAsyncError_call.descriptor());
  }

  int asyncError(long comm, long result) {
    try {
      return (int) AsyncError.HANDLE.invokeExact(asyncError, comm, result);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class GroupStart {
    static final MethodHandle HANDLE = Downcalls.link(ncclGroupStart_call.descriptor());
  }

  int groupStart() {
    try {
      return (int) GroupStart.HANDLE.invokeExact(groupStart);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }

  private static final class GroupEnd {
    static final MethodHandle HANDLE = Downcalls.link(ncclGroupEnd_call.descriptor());
  }

  int groupEnd() {
    try {
      return (int) GroupEnd.HANDLE.invokeExact(groupEnd);
    } catch (Throwable t) {
      throw Downcalls.unexpected(t);
    }
  }
}
