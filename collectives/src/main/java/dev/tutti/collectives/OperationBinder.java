package dev.tutti.collectives;

import dev.tutti.collectives.CollectiveOperation.Arguments;
import dev.tutti.collectives.execute.BlockLayout;
import dev.tutti.collectives.execute.BlockLayout.Side;
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
      Reduction op,
      double scalar) {
    checkOperator(type, op);
    return bind(Collective.ALL_REDUCE, send, receive, count, type, op, 0, scalar);
  }

  /// See [Communicator#reduceScatter].
  CollectiveOperation reduceScatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, Reduction op) {
    checkOperator(type, op);
    return bind(Collective.REDUCE_SCATTER, send, receive, receiveCount, type, op, 0, 1);
  }

  /// See [Communicator#broadcast].
  CollectiveOperation broadcast(
      MemorySegment send, MemorySegment receive, long count, DataType type, int root) {
    return bind(Collective.BROADCAST, send, receive, count, type, ReduceOp.SUM, root, 1);
  }

  /// See [Communicator#allGather].
  CollectiveOperation allGather(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type) {
    return bind(Collective.ALL_GATHER, send, receive, sendCount, type, ReduceOp.SUM, 0, 1);
  }

  /// See [Communicator#reduce].
  CollectiveOperation reduce(
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op,
      int root) {
    checkOperator(type, op);
    return bind(Collective.REDUCE, send, receive, count, type, op, root, 1);
  }

  /// See [Communicator#gather].
  CollectiveOperation gather(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type, int root) {
    return bind(Collective.GATHER, send, receive, sendCount, type, ReduceOp.SUM, root, 1);
  }

  /// See [Communicator#scatter].
  CollectiveOperation scatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, int root) {
    return bind(Collective.SCATTER, send, receive, receiveCount, type, ReduceOp.SUM, root, 1);
  }

  /// See [Communicator#allToAll].
  CollectiveOperation allToAll(
      MemorySegment send, MemorySegment receive, long count, DataType type) {
    return bind(Collective.ALL_TO_ALL, send, receive, count, type, ReduceOp.SUM, 0, 1);
  }

  /// See [Communicator#scan] and [Communicator#exclusiveScan].
  CollectiveOperation scan(
      Collective kind,
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op) {
    checkOperator(type, op);
    if (op == ReduceOp.AVG) {
      throw new IllegalArgumentException(
          "AVG divides by the number of all ranks, which a scan does not reduce over");
    }
    return bind(kind, send, receive, count, type, op, 0, 1);
  }

  /// See [Communicator#barrier].
  CollectiveOperation barrier() {
    queue.checkOpen();
    return operation(
        new Arguments(
            Collective.BARRIER, null, null, 0, 0, 0, 0, DataType.INT8, ReduceOp.SUM, 0, 1, null));
  }

  private static void checkOperator(DataType type, Reduction op) {
    if (op instanceof CustomReduction custom && !custom.supports(type)) {
      throw new IllegalArgumentException(
          "reduction " + custom + " works on " + custom.describeTypes() + ", not on " + type);
    }
    if (op == ReduceOp.PRE_MUL_SUM && !type.isFloatingPoint()) {
      throw new IllegalArgumentException("PRE_MUL_SUM needs a floating-point type, not " + type);
    }
  }

  /// Binds a collective on blocks of `count` elements.
  private CollectiveOperation bind(
      Collective kind,
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op,
      int root,
      double scalar) {
    BufferChecks.rank("root", root, core.size);
    long blocks = kind.blocks(core.size);
    BufferChecks.count(count, type, blocks);
    long bytes = count * type.bytes();
    return bind(
        new Arguments(
            kind,
            send,
            receive,
            bytes * sendBlocks(kind, root),
            bytes * receiveBlocks(kind, root),
            bytes * blocks,
            count,
            type,
            op,
            root,
            scalar,
            null));
  }

  /// Returns how many blocks this rank reads of its send buffer.
  private int sendBlocks(Collective kind, int root) {
    return switch (kind) {
      case ALL_REDUCE, ALL_GATHER, REDUCE, GATHER, SCAN, EXCLUSIVE_SCAN -> 1;
      case REDUCE_SCATTER, ALL_TO_ALL -> core.size;
      case BROADCAST -> root == core.index ? 1 : 0;
      case SCATTER -> root == core.index ? core.size : 0;
      case BARRIER -> 0;
    };
  }

  /// Returns how many blocks this rank writes of its receive buffer.
  private int receiveBlocks(Collective kind, int root) {
    return switch (kind) {
      case ALL_REDUCE, BROADCAST, REDUCE_SCATTER, SCATTER, SCAN -> 1;
      case ALL_GATHER, ALL_TO_ALL -> core.size;
      case REDUCE -> root == core.index ? 1 : 0;
      case GATHER -> root == core.index ? core.size : 0;
      case EXCLUSIVE_SCAN -> core.index > 0 ? 1 : 0;
      case BARRIER -> 0;
    };
  }

  // Blocks of different lengths

  /// See [Communicator#allGatherV].
  CollectiveOperation allGatherV(
      MemorySegment send,
      MemorySegment receive,
      long[] counts,
      long[] displacements,
      DataType type) {
    Side all = side("counts", counts, displacements, type);
    BufferChecks.disjoint("counts", all);
    BlockLayout layout = new BlockLayout(Side.of(all.counts()[core.index]), all, digest(all));
    return bindUneven(Collective.ALL_GATHER, send, receive, layout, type, ReduceOp.SUM, 0);
  }

  /// See [Communicator#reduceScatterV].
  CollectiveOperation reduceScatterV(
      MemorySegment send, MemorySegment receive, long[] counts, DataType type, Reduction op) {
    checkOperator(type, op);
    Side all = side("counts", counts, packed(counts), type);
    BlockLayout layout = new BlockLayout(all, Side.of(all.counts()[core.index]), digest(all));
    return bindUneven(Collective.REDUCE_SCATTER, send, receive, layout, type, op, 0);
  }

  /// See [Communicator#gatherV].
  CollectiveOperation gatherV(
      MemorySegment send,
      long sendCount,
      MemorySegment receive,
      long[] receiveCounts,
      long[] displacements,
      DataType type,
      int root) {
    BufferChecks.rank("root", root, core.size);
    BufferChecks.count(sendCount, type, 1);
    Side all = Side.NONE;
    if (root == core.index) {
      all = side("receiveCounts", receiveCounts, displacements, type);
      BufferChecks.disjoint("receiveCounts", all);
    }
    BlockLayout layout = new BlockLayout(Side.of(sendCount), all, 0);
    return bindUneven(Collective.GATHER, send, receive, layout, type, ReduceOp.SUM, root);
  }

  /// See [Communicator#scatterV].
  CollectiveOperation scatterV(
      MemorySegment send,
      long[] sendCounts,
      long[] displacements,
      MemorySegment receive,
      long receiveCount,
      DataType type,
      int root) {
    BufferChecks.rank("root", root, core.size);
    BufferChecks.count(receiveCount, type, 1);
    Side all = root == core.index ? side("sendCounts", sendCounts, displacements, type) : Side.NONE;
    BlockLayout layout = new BlockLayout(all, Side.of(receiveCount), 0);
    return bindUneven(Collective.SCATTER, send, receive, layout, type, ReduceOp.SUM, root);
  }

  /// See [Communicator#allToAllV].
  CollectiveOperation allToAllV(
      MemorySegment send,
      long[] sendCounts,
      long[] sendDisplacements,
      MemorySegment receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type) {
    Side from = side("sendCounts", sendCounts, sendDisplacements, type);
    Side to = side("receiveCounts", receiveCounts, receiveDisplacements, type);
    BufferChecks.disjoint("receiveCounts", to);
    BlockLayout layout = new BlockLayout(from, to, 0);
    return bindUneven(Collective.ALL_TO_ALL, send, receive, layout, type, ReduceOp.SUM, 0);
  }

  /// Returns where blocks begin that lie one after the other.
  static long[] packed(long[] counts) {
    return Side.packed(counts).displacements();
  }

  private Side side(String name, long[] counts, long[] displacements, DataType type) {
    BufferChecks.blocks(name, counts, displacements, type, core.size);
    return new Side(counts.clone(), displacements.clone());
  }

  /// Returns a hash of the counts, never 0 in the bits that a signature keeps.
  private static long digest(Side side) {
    long hash = 0;
    for (long count : side.counts()) {
      hash = (hash ^ count) * 0x9E3779B97F4A7C15L; // Fibonacci hashing, then all bits downwards
      hash ^= hash >>> 29;
    }
    return hash >>> 27 | 1;
  }

  private CollectiveOperation bindUneven(
      Collective kind,
      MemorySegment send,
      MemorySegment receive,
      BlockLayout layout,
      DataType type,
      Reduction op,
      int root) {
    return bind(
        new Arguments(
            kind,
            send,
            receive,
            layout.send().extent() * type.bytes(),
            layout.receive().extent() * type.bytes(),
            vectorBytes(kind, layout, type),
            Math.max(layout.send().total(), layout.receive().total()),
            type,
            op,
            root,
            1,
            layout));
  }

  /// Returns the size to plan for: the same on all ranks, so the real one only where all know it.
  private static long vectorBytes(Collective kind, BlockLayout layout, DataType type) {
    return switch (kind) {
      case ALL_GATHER -> layout.receive().total() * type.bytes();
      case REDUCE_SCATTER -> layout.send().total() * type.bytes();
      default -> Arguments.UNKNOWN_BYTES;
    };
  }

  private CollectiveOperation bind(Arguments arguments) {
    queue.checkOpen();
    core.checkUsable();
    MemorySegment send = arguments.send();
    MemorySegment receive = arguments.receive();
    if (send == null || receive == null) {
      throw new NullPointerException("buffer");
    }
    if (arguments.sendBytes() > 0) {
      BufferChecks.size("send buffer", send, arguments.sendBytes());
    }
    if (arguments.receiveBytes() > 0) {
      BufferChecks.size("receive buffer", receive, arguments.receiveBytes());
      BufferChecks.writable("receive buffer", receive);
      BufferChecks.overlap(arguments, core.index);
    }
    return operation(arguments);
  }

  private CollectiveOperation operation(Arguments arguments) {
    return new CollectiveOperation(core, queue, memory, arguments);
  }
}
