package dev.tutti.collectives;

import java.lang.foreign.MemorySegment;

/// The part of [Communicator] that has the collectives in which blocks differ in length, MPI's v
/// forms.
///
/// Counts and displacements are in elements; they are copied, so that the arrays may be reused. A
/// displacement says where a block begins in its buffer; without displacements the blocks lie one
/// after the other. Blocks may be empty. Blocks of a receive buffer must not overlap, and what lies
/// between them is left alone. If a sender and a receiver have different counts for a block, all
/// ranks get a [MismatchException]; one that is through by then gets it from its next operation.
abstract sealed class UnevenCalls extends CollectiveCalls permits Communicator {
  UnevenCalls(CommunicatorCore core) {
    super(core);
  }

  // All-gather-v

  /// Gathers a block of every rank, of `counts[r]` elements from rank r, on every rank.
  ///
  /// @param send `counts[rank]` elements; may be this rank's block of `receive`
  /// @param receive the blocks of all ranks
  /// @param counts length of each rank's block, the same on all ranks
  /// @param displacements where each block begins in `receive`
  public void allGatherV(
      MemorySegment send,
      MemorySegment receive,
      long[] counts,
      long[] displacements,
      DataType type) {
    queue.run(operations.allGatherV(send, receive, counts, displacements, type));
  }

  /// Gathers blocks, one after the other.
  public void allGatherV(MemorySegment send, MemorySegment receive, long[] counts, DataType type) {
    allGatherV(send, receive, counts, OperationBinder.packed(counts), type);
  }

  /// Starts an `allGatherV`.
  public Request allGatherVAsync(
      MemorySegment send,
      MemorySegment receive,
      long[] counts,
      long[] displacements,
      DataType type) {
    return prepareAllGatherV(send, receive, counts, displacements, type).start();
  }

  /// Binds an `allGatherV` to its buffers, counts and displacements.
  public PreparedOperation prepareAllGatherV(
      MemorySegment send,
      MemorySegment receive,
      long[] counts,
      long[] displacements,
      DataType type) {
    return operations.allGatherV(send, receive, counts, displacements, type);
  }

  // Reduce-scatter-v

  /// Reduces vectors of as many elements as `counts` add up to over all ranks; rank r gets the r-th
  /// block of the result, of `counts[r]` elements.
  ///
  /// @param send the blocks of all ranks, one after the other
  /// @param receive `counts[rank]` elements; may be this rank's block of `send`
  /// @param counts length of each rank's block, the same on all ranks
  public void reduceScatterV(
      MemorySegment send, MemorySegment receive, long[] counts, DataType type, Reduction op) {
    queue.run(operations.reduceScatterV(send, receive, counts, type, op));
  }

  /// Starts a [#reduceScatterV].
  public Request reduceScatterVAsync(
      MemorySegment send, MemorySegment receive, long[] counts, DataType type, Reduction op) {
    return prepareReduceScatterV(send, receive, counts, type, op).start();
  }

  /// Binds a [#reduceScatterV] to its buffers and counts.
  public PreparedOperation prepareReduceScatterV(
      MemorySegment send, MemorySegment receive, long[] counts, DataType type, Reduction op) {
    return operations.reduceScatterV(send, receive, counts, type, op);
  }

  // Gather-v

  /// Gathers a block of every rank on the root.
  ///
  /// @param send `sendCount` elements; on the root it may be its block of `receive`
  /// @param receive the blocks of all ranks, written on the root only; the others may pass
  ///   [MemorySegment#NULL]
  /// @param receiveCounts length of each rank's block; read on the root only, the others may pass
  ///   an empty array
  /// @param displacements where each block begins in `receive`; likewise
  /// @param root the rank that gets the blocks
  public void gatherV(
      MemorySegment send,
      long sendCount,
      MemorySegment receive,
      long[] receiveCounts,
      long[] displacements,
      DataType type,
      int root) {
    queue.run(
        operations.gatherV(send, sendCount, receive, receiveCounts, displacements, type, root));
  }

  /// Starts a [#gatherV].
  public Request gatherVAsync(
      MemorySegment send,
      long sendCount,
      MemorySegment receive,
      long[] receiveCounts,
      long[] displacements,
      DataType type,
      int root) {
    return prepareGatherV(send, sendCount, receive, receiveCounts, displacements, type, root)
        .start();
  }

  /// Binds a [#gatherV] to its buffers, counts and displacements.
  public PreparedOperation prepareGatherV(
      MemorySegment send,
      long sendCount,
      MemorySegment receive,
      long[] receiveCounts,
      long[] displacements,
      DataType type,
      int root) {
    return operations.gatherV(send, sendCount, receive, receiveCounts, displacements, type, root);
  }

  // Scatter-v

  /// Gives every rank its block of the root's data.
  ///
  /// @param send the blocks of all ranks, read on the root only; the others may pass
  ///   [MemorySegment#NULL]
  /// @param sendCounts length of each rank's block; read on the root only, the others may pass an
  ///   empty array
  /// @param displacements where each block begins in `send`; likewise
  /// @param receive `receiveCount` elements; on the root it may be its block of `send`
  /// @param root the rank whose data are sent
  public void scatterV(
      MemorySegment send,
      long[] sendCounts,
      long[] displacements,
      MemorySegment receive,
      long receiveCount,
      DataType type,
      int root) {
    queue.run(
        operations.scatterV(send, sendCounts, displacements, receive, receiveCount, type, root));
  }

  /// Starts a [#scatterV].
  public Request scatterVAsync(
      MemorySegment send,
      long[] sendCounts,
      long[] displacements,
      MemorySegment receive,
      long receiveCount,
      DataType type,
      int root) {
    return prepareScatterV(send, sendCounts, displacements, receive, receiveCount, type, root)
        .start();
  }

  /// Binds a [#scatterV] to its buffers, counts and displacements.
  public PreparedOperation prepareScatterV(
      MemorySegment send,
      long[] sendCounts,
      long[] displacements,
      MemorySegment receive,
      long receiveCount,
      DataType type,
      int root) {
    return operations.scatterV(send, sendCounts, displacements, receive, receiveCount, type, root);
  }

  // All-to-all-v

  /// Sends block d of every rank to rank d, where it becomes block r if it came from rank r.
  ///
  /// @param send a block for every rank
  /// @param sendCounts length of each; what this rank sends to rank d is what d receives from it
  /// @param sendDisplacements where each begins in `send`
  /// @param receive a block of every rank; may be `send`, of which a copy is made then, if counts
  ///   and displacements are equal, too
  /// @param receiveCounts length of each
  /// @param receiveDisplacements where each begins in `receive`
  public void allToAllV(
      MemorySegment send,
      long[] sendCounts,
      long[] sendDisplacements,
      MemorySegment receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type) {
    queue.run(
        operations.allToAllV(
            send,
            sendCounts,
            sendDisplacements,
            receive,
            receiveCounts,
            receiveDisplacements,
            type));
  }

  /// Exchanges blocks that lie one after the other in both buffers.
  public void allToAllV(
      MemorySegment send,
      long[] sendCounts,
      MemorySegment receive,
      long[] receiveCounts,
      DataType type) {
    allToAllV(
        send,
        sendCounts,
        OperationBinder.packed(sendCounts),
        receive,
        receiveCounts,
        OperationBinder.packed(receiveCounts),
        type);
  }

  /// Starts an `allToAllV`.
  public Request allToAllVAsync(
      MemorySegment send,
      long[] sendCounts,
      long[] sendDisplacements,
      MemorySegment receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type) {
    return prepareAllToAllV(
            send, sendCounts, sendDisplacements, receive, receiveCounts, receiveDisplacements, type)
        .start();
  }

  /// Binds an `allToAllV` to its buffers, counts and displacements.
  public PreparedOperation prepareAllToAllV(
      MemorySegment send,
      long[] sendCounts,
      long[] sendDisplacements,
      MemorySegment receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type) {
    return operations.allToAllV(
        send, sendCounts, sendDisplacements, receive, receiveCounts, receiveDisplacements, type);
  }
}
