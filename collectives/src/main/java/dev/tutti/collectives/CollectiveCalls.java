package dev.tutti.collectives;

import dev.tutti.collectives.schedule.Collective;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The part of [Communicator] that has the collectives in which all blocks are of one length.
///
/// Each comes in three forms: blocking, `...Async`, and `prepare...`. A blocking call looks for the
/// same call among the recent ones first, which saves it all checks.
abstract sealed class CollectiveCalls permits UnevenCalls {
  final CommunicatorCore core;
  final RegisteredMemory memory;
  final OperationQueue queue;
  final OperationBinder operations;

  private final RecentOperations recent = new RecentOperations();
  private @Nullable CollectiveOperation barrier;

  CollectiveCalls(CommunicatorCore core) {
    this.core = core;
    this.memory = new RegisteredMemory(core.world.domain());
    this.queue = new OperationQueue(core.index);
    this.operations = new OperationBinder(core, queue, memory);
  }

  // All-reduce

  /// Reduces `count` elements over all ranks; every rank gets the result.
  ///
  /// @param send `count` elements
  /// @param receive `count` elements; may be `send`
  /// @throws IllegalArgumentException if a buffer is too small, read-only or overlaps the other
  ///   partly, or the operator does not fit the type
  public void allReduce(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    CollectiveOperation known =
        recent.find(Collective.ALL_REDUCE, send, receive, count, type, op, 0);
    queue.run(
        known == null
            ? recent.keep(operations.allReduce(send, receive, count, type, op, 1))
            : known);
  }

  /// Starts an [#allReduce]; the buffers belong to it until it has ended.
  public Request allReduceAsync(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    return prepareAllReduce(send, receive, count, type, op).start();
  }

  /// Binds an [#allReduce] to its buffers, to be run many times.
  public PreparedOperation prepareAllReduce(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    return operations.allReduce(send, receive, count, type, op, 1);
  }

  /// Sums, over all ranks, each rank's data multiplied by its own `scalar`
  /// ([ReduceOp#PRE_MUL_SUM]).
  public void allReducePreMultiplied(
      MemorySegment send, MemorySegment receive, long count, DataType type, double scalar) {
    queue.run(operations.allReduce(send, receive, count, type, ReduceOp.PRE_MUL_SUM, scalar));
  }

  /// All-reduces an array in place.
  public void allReduce(float[] data, Reduction op) {
    MemorySegment segment = MemorySegment.ofArray(data);
    allReduce(segment, segment, data.length, DataType.FLOAT32, op);
  }

  /// All-reduces an array in place.
  public void allReduce(double[] data, Reduction op) {
    MemorySegment segment = MemorySegment.ofArray(data);
    allReduce(segment, segment, data.length, DataType.FLOAT64, op);
  }

  /// All-reduces an array in place.
  public void allReduce(int[] data, Reduction op) {
    MemorySegment segment = MemorySegment.ofArray(data);
    allReduce(segment, segment, data.length, DataType.INT32, op);
  }

  /// All-reduces an array in place.
  public void allReduce(long[] data, Reduction op) {
    MemorySegment segment = MemorySegment.ofArray(data);
    allReduce(segment, segment, data.length, DataType.INT64, op);
  }

  // Reduce-scatter

  /// Reduces `size * receiveCount` elements over all ranks; rank r gets block r of the result.
  ///
  /// @param send `size * receiveCount` elements
  /// @param receive `receiveCount` elements; may be this rank's block of `send`
  public void reduceScatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, Reduction op) {
    CollectiveOperation known =
        recent.find(Collective.REDUCE_SCATTER, send, receive, receiveCount, type, op, 0);
    queue.run(
        known == null
            ? recent.keep(operations.reduceScatter(send, receive, receiveCount, type, op))
            : known);
  }

  /// Starts a [#reduceScatter].
  public Request reduceScatterAsync(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, Reduction op) {
    return prepareReduceScatter(send, receive, receiveCount, type, op).start();
  }

  /// Binds a [#reduceScatter] to its buffers.
  public PreparedOperation prepareReduceScatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, Reduction op) {
    return operations.reduceScatter(send, receive, receiveCount, type, op);
  }

  // Broadcast

  /// Copies `count` elements of the root to every rank.
  ///
  /// @param send `count` elements, read on the root only
  /// @param receive `count` elements, written on every rank; may be `send`
  /// @param root the rank whose data are sent
  public void broadcast(
      MemorySegment send, MemorySegment receive, long count, DataType type, int root) {
    CollectiveOperation known =
        recent.find(Collective.BROADCAST, send, receive, count, type, ReduceOp.SUM, root);
    queue.run(
        known == null
            ? recent.keep(operations.broadcast(send, receive, count, type, root))
            : known);
  }

  /// Starts a [#broadcast].
  public Request broadcastAsync(
      MemorySegment send, MemorySegment receive, long count, DataType type, int root) {
    return prepareBroadcast(send, receive, count, type, root).start();
  }

  /// Binds a [#broadcast] to its buffers.
  public PreparedOperation prepareBroadcast(
      MemorySegment send, MemorySegment receive, long count, DataType type, int root) {
    return operations.broadcast(send, receive, count, type, root);
  }

  // All-gather

  /// Concatenates `sendCount` elements of every rank, in rank order, on every rank.
  ///
  /// @param send `sendCount` elements; may be this rank's block of `receive`
  /// @param receive `size * sendCount` elements
  public void allGather(MemorySegment send, MemorySegment receive, long sendCount, DataType type) {
    CollectiveOperation known =
        recent.find(Collective.ALL_GATHER, send, receive, sendCount, type, ReduceOp.SUM, 0);
    queue.run(
        known == null ? recent.keep(operations.allGather(send, receive, sendCount, type)) : known);
  }

  /// Starts an [#allGather].
  public Request allGatherAsync(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type) {
    return prepareAllGather(send, receive, sendCount, type).start();
  }

  /// Binds an [#allGather] to its buffers.
  public PreparedOperation prepareAllGather(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type) {
    return operations.allGather(send, receive, sendCount, type);
  }

  // Reduce

  /// Reduces `count` elements over all ranks; the root gets the result.
  ///
  /// @param send `count` elements
  /// @param receive `count` elements, written on the root only; may be `send`. The others may pass
  ///   [MemorySegment#NULL]
  /// @param root the rank that gets the result
  public void reduce(
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op,
      int root) {
    CollectiveOperation known =
        recent.find(Collective.REDUCE, send, receive, count, type, op, root);
    queue.run(
        known == null
            ? recent.keep(operations.reduce(send, receive, count, type, op, root))
            : known);
  }

  /// Starts a [#reduce].
  public Request reduceAsync(
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op,
      int root) {
    return prepareReduce(send, receive, count, type, op, root).start();
  }

  /// Binds a [#reduce] to its buffers.
  public PreparedOperation prepareReduce(
      MemorySegment send,
      MemorySegment receive,
      long count,
      DataType type,
      Reduction op,
      int root) {
    return operations.reduce(send, receive, count, type, op, root);
  }

  // Gather

  /// Concatenates `sendCount` elements of every rank, in rank order, on the root.
  ///
  /// @param send `sendCount` elements; on the root it may be its block of `receive`
  /// @param receive `size * sendCount` elements, written on the root only; the others may pass
  ///   [MemorySegment#NULL]
  /// @param root the rank that gets the result
  public void gather(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type, int root) {
    CollectiveOperation known =
        recent.find(Collective.GATHER, send, receive, sendCount, type, ReduceOp.SUM, root);
    queue.run(
        known == null
            ? recent.keep(operations.gather(send, receive, sendCount, type, root))
            : known);
  }

  /// Starts a [#gather].
  public Request gatherAsync(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type, int root) {
    return prepareGather(send, receive, sendCount, type, root).start();
  }

  /// Binds a [#gather] to its buffers.
  public PreparedOperation prepareGather(
      MemorySegment send, MemorySegment receive, long sendCount, DataType type, int root) {
    return operations.gather(send, receive, sendCount, type, root);
  }

  // Scatter

  /// Gives every rank its block of the root's data, in rank order.
  ///
  /// @param send `size * receiveCount` elements, read on the root only; the others may pass
  ///   [MemorySegment#NULL]
  /// @param receive `receiveCount` elements; on the root it may be its block of `send`
  /// @param root the rank whose data are sent
  public void scatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, int root) {
    CollectiveOperation known =
        recent.find(Collective.SCATTER, send, receive, receiveCount, type, ReduceOp.SUM, root);
    queue.run(
        known == null
            ? recent.keep(operations.scatter(send, receive, receiveCount, type, root))
            : known);
  }

  /// Starts a [#scatter].
  public Request scatterAsync(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, int root) {
    return prepareScatter(send, receive, receiveCount, type, root).start();
  }

  /// Binds a [#scatter] to its buffers.
  public PreparedOperation prepareScatter(
      MemorySegment send, MemorySegment receive, long receiveCount, DataType type, int root) {
    return operations.scatter(send, receive, receiveCount, type, root);
  }

  // All-to-all

  /// Sends block d of every rank to rank d, where it becomes block r if it came from rank r.
  ///
  /// @param send `size * count` elements
  /// @param receive `size * count` elements; may be `send`, of which a copy is made then
  /// @param count elements of a block
  public void allToAll(MemorySegment send, MemorySegment receive, long count, DataType type) {
    CollectiveOperation known =
        recent.find(Collective.ALL_TO_ALL, send, receive, count, type, ReduceOp.SUM, 0);
    queue.run(known == null ? recent.keep(operations.allToAll(send, receive, count, type)) : known);
  }

  /// Starts an [#allToAll].
  public Request allToAllAsync(
      MemorySegment send, MemorySegment receive, long count, DataType type) {
    return prepareAllToAll(send, receive, count, type).start();
  }

  /// Binds an [#allToAll] to its buffers.
  public PreparedOperation prepareAllToAll(
      MemorySegment send, MemorySegment receive, long count, DataType type) {
    return operations.allToAll(send, receive, count, type);
  }

  // Scans

  /// Reduces over the ranks up to this one: rank r gets the reduction over ranks 0 to r.
  ///
  /// @param send `count` elements
  /// @param receive `count` elements; may be `send`
  /// @param op any but [ReduceOp#AVG], which divides by the number of all ranks
  public void scan(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    CollectiveOperation known = recent.find(Collective.SCAN, send, receive, count, type, op, 0);
    queue.run(
        known == null
            ? recent.keep(operations.scan(Collective.SCAN, send, receive, count, type, op))
            : known);
  }

  /// Starts a [#scan].
  public Request scanAsync(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    return prepareScan(send, receive, count, type, op).start();
  }

  /// Binds a [#scan] to its buffers.
  public PreparedOperation prepareScan(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    return operations.scan(Collective.SCAN, send, receive, count, type, op);
  }

  /// Reduces over the ranks below this one: rank r > 0 gets the reduction over ranks 0 to r - 1
  /// (`MPI_Exscan`).
  ///
  /// @param send `count` elements
  /// @param receive `count` elements, left alone on rank 0; may be `send`
  /// @param op any but [ReduceOp#AVG]
  public void exclusiveScan(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    CollectiveOperation known =
        recent.find(Collective.EXCLUSIVE_SCAN, send, receive, count, type, op, 0);
    queue.run(
        known == null
            ? recent.keep(
                operations.scan(Collective.EXCLUSIVE_SCAN, send, receive, count, type, op))
            : known);
  }

  /// Starts an [#exclusiveScan].
  public Request exclusiveScanAsync(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    return prepareExclusiveScan(send, receive, count, type, op).start();
  }

  /// Binds an [#exclusiveScan] to its buffers.
  public PreparedOperation prepareExclusiveScan(
      MemorySegment send, MemorySegment receive, long count, DataType type, Reduction op) {
    return operations.scan(Collective.EXCLUSIVE_SCAN, send, receive, count, type, op);
  }

  // Barrier

  /// Returns when every rank has called it.
  public void barrier() {
    queue.run(barrierOperation());
  }

  /// Starts a [#barrier].
  public Request barrierAsync() {
    return operations.barrier().start();
  }

  /// Prepares a [#barrier].
  public PreparedOperation prepareBarrier() {
    return operations.barrier();
  }

  private CollectiveOperation barrierOperation() {
    CollectiveOperation known = barrier;
    if (known == null) {
      known = operations.barrier();
      barrier = known;
    }
    return known;
  }
}
