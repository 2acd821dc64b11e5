package dev.tutti.collectives;

import dev.tutti.collectives.CollectiveOperation.Arguments;
import dev.tutti.collectives.schedule.Collective;
import java.lang.foreign.MemorySegment;

/// Binds the collectives of one communicator to their buffers: turns what the caller passes into
/// checked arguments, in bytes, and those into an operation.
final class OperationBinder {
  private final CommunicatorCore core;
  private final OperationQueue queue;
  private final RegisteredMemory memory;

  OperationBinder(CommunicatorCore core, OperationQueue queue, RegisteredMemory memory) {
    this.core = core;
    this.queue = queue;
    this.memory = memory;
  }

  /// See [Communicator#allReduce].
  ///
  /// @param scalar factor for [ReduceOp#PRE_MUL_SUM], otherwise 1
  CollectiveOperation allReduce(
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      ReduceOp op,
      double scalar) {
    checkOperator(type, op);
    BufferChecks.count(count, type, core.size);
    long bytes = count * type.bytes();
    return bind(
        new Arguments(
            Collective.ALL_REDUCE, send, receive, bytes, bytes, count, type, op, 0, scalar));
  }

  /// See [Communicator#reduceScatter].
  CollectiveOperation reduceScatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, ReduceOp op) {
    checkOperator(type, op);
    BufferChecks.count(receiveCount, type, core.size);
    long bytes = receiveCount * type.bytes();
    return bind(
        new Arguments(
            Collective.REDUCE_SCATTER,
            send,
            receive,
            bytes * core.size,
            bytes,
            receiveCount,
            type,
            op,
            0,
            1));
  }

  private static void checkOperator(DataType type, ReduceOp op) {
    if (op == ReduceOp.PRE_MUL_SUM && !type.isFloatingPoint()) {
      throw new IllegalArgumentException("PRE_MUL_SUM needs a floating-point type, not " + type);
    }
  }

  /// See [Communicator#broadcast].
  CollectiveOperation broadcast(
      MemorySegment send, MemorySegment receive, long count, DataType type, int root) {
    BufferChecks.rank("root", root, core.size);
    BufferChecks.count(count, type, 1);
    long bytes = count * type.bytes();
    return bind(
        new Arguments(
            Collective.BROADCAST, send, receive, bytes, bytes, count, type, ReduceOp.SUM, root, 1));
  }

  /// See [Communicator#allGather].
  CollectiveOperation allGather(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type) {
    BufferChecks.count(sendCount, type, core.size);
    long bytes = sendCount * type.bytes();
    return bind(
        new Arguments(
            Collective.ALL_GATHER,
            send,
            receive,
            bytes,
            bytes * core.size,
            sendCount,
            type,
            ReduceOp.SUM,
            0,
            1));
  }

  /// See [Communicator#barrier].
  CollectiveOperation barrier() {
    queue.checkOpen();
    return operation(
        new Arguments(Collective.BARRIER, null, null, 0, 0, 0, DataType.INT8, ReduceOp.SUM, 0, 1));
  }

  private CollectiveOperation bind(Arguments arguments) {
    queue.checkOpen();
    core.checkUsable();
    MemorySegment send = arguments.send();
    MemorySegment receive = arguments.receive();
    if (send == null || receive == null) {
      throw new NullPointerException("buffer");
    }
    boolean reads =
        arguments.collective() != Collective.BROADCAST || arguments.root() == core.index;
    if (reads) {
      BufferChecks.size("send buffer", send, arguments.sendBytes());
    }
    BufferChecks.size("receive buffer", receive, arguments.receiveBytes());
    BufferChecks.writable("receive buffer", receive);
    if (reads) {
      BufferChecks.overlap(arguments, core.index);
    }
    return operation(arguments);
  }

  private CollectiveOperation operation(Arguments arguments) {
    return new CollectiveOperation(core, queue, memory, arguments);
  }
}
