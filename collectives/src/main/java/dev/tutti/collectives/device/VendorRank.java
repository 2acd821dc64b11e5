package dev.tutti.collectives.device;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rank's end of a communicator of a vendor's library, with the collectives that it has and those
/// that are composed of others. Everything is handed to a stream; nothing waits for it.
interface VendorRank {
  /// Throws if the library lacks a type, in a reduction if `op` is not null.
  ///
  /// @throws UnsupportedOperationException naming library and version
  void require(DataType type, @Nullable ReduceOp op);

  /// Reduces at every rank; `factor` is this rank's of [ReduceOp#PRE_MUL_SUM].
  void allReduce(
      long send, long receive, long count, DataType type, ReduceOp op, double factor, long stream);

  /// Reduces at the root.
  void reduce(
      long send,
      long receive,
      long count,
      DataType type,
      ReduceOp op,
      double factor,
      int root,
      long stream);

  /// Reduces; rank i gets block i.
  void reduceScatter(
      long send, long receive, long count, DataType type, ReduceOp op, double factor, long stream);

  void broadcast(long buffer, long count, DataType type, int root, long stream);

  void allGather(long send, long receive, long count, DataType type, long stream);

  void gather(long send, long receive, long count, DataType type, int root, long stream);

  void scatter(long send, long receive, long count, DataType type, int root, long stream);

  void allToAll(long send, long receive, long count, DataType type, long stream);

  /// Exchanges blocks; lengths and displacements are in elements, one of each per rank.
  void allToAllV(
      long send,
      long[] sendCounts,
      long[] sendDisplacements,
      long receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type,
      long stream);

  void barrier(long stream);

  /// Sends and receives all at once.
  void exchange(List<Transfer> transfers, long stream);

  /// Returns whether everything that was asked for has been begun, for a library that goes on in
  /// the background.
  ///
  /// @throws dev.tutti.bindings.NativeCallException if it went wrong
  boolean isSettled();

  /// Returns what the library knows of an error that came later, null if of none.
  @Nullable String asyncError();

  /// Returns whether an error of the library leaves the communicator usable: wrong arguments do.
  boolean isHarmless(int error);

  /// Makes memory known to the library.
  ///
  /// @throws UnsupportedOperationException if the library cannot
  DeviceRegistration register(long address, long bytes);

  /// Makes a communicator of the ranks with this rank's color; null if the library cannot.
  ///
  /// @param members their ranks here, in the order of their new ones
  @Nullable VendorRank split(int color, int key, List<Integer> members);

  /// Returns whether [#shrink] is possible.
  boolean canShrink();

  /// Goes on without some ranks, stopping what is under way.
  VendorRank shrink(List<Integer> excluded);

  /// Stops what is under way and ends the communicator, but for [#shrink] where the library allows
  /// that. Waits for nobody.
  void stop();

  /// Stops what is under way and ends the communicator for good. Waits for nobody. Idempotent.
  void abort();

  /// Flushes what is under way, in the background: [#isSettled] tells; then [#close].
  void finish();

  /// Frees the communicator.
  void close();
}
