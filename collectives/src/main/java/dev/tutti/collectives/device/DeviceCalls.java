package dev.tutti.collectives.device;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.device.DeviceCore.Issue;
import dev.tutti.collectives.device.DeviceCore.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The collectives of a device communicator, on one stream.
///
/// Buffers are addresses in memory of this rank's device; counts are elements. In place is allowed
/// as with NCCL: the same address for both buffers, or, for all-gather and reduce-scatter, this
/// rank's block of the larger one. All ranks make the same calls in the same order.
///
/// What a library lacks is composed of what it has, and said to be missing where that cannot be,
/// before anything is queued: `UnsupportedOperationException` names library and version. Arguments
/// that the library refuses are an `IllegalArgumentException`. Neither harms the communicator.
public abstract sealed class DeviceCalls permits DeviceCommunicator, DeviceStream {
  final DeviceCore core;

  DeviceCalls(DeviceCore core) {
    this.core = core;
  }

  /// Returns the handle of the stream that operations are given to.
  public abstract long handle();

  /// Ends a call: waits, or does not.
  abstract void issued(String operation);

  /// Returns whether an average that the library lacks is a sum that the host divides.
  abstract boolean divides();

  /// Divides elements in device memory by the number of ranks.
  abstract void divide(long elements, long count, DataType type);

  // ---- arguments

  private void collective(String operation, long count, Issue action) {
    if (count < 0) {
      throw new IllegalArgumentException("count is " + count + ", expected at least 0");
    }
    core.issue(
        operation,
        Scope.COLLECTIVE,
        handle(),
        count > 0
            ? action
            : (_, _) -> {}); // nothing to do on any rank, and not every library takes it
    issued(operation);
  }

  private void require(DataType type, @Nullable ReduceOp op) {
    core.checkUsable();
    core.rank.require(type, op);
  }

  private boolean mustDivide(DataType type, ReduceOp op) {
    if (op == ReduceOp.PRE_MUL_SUM) {
      throw new IllegalArgumentException("PRE_MUL_SUM needs a factor: allReducePreMultiplied");
    }
    if (op == ReduceOp.AVG && divides()) {
      require(type, ReduceOp.SUM);
      return true;
    }
    require(type, op);
    return false;
  }

  private void checkRank(String what, int rank) {
    if (rank < 0 || rank >= core.control.size()) {
      throw new IllegalArgumentException(
          what + " is " + rank + ", expected 0 to " + (core.control.size() - 1));
    }
  }

  private static void checkBuffer(String what, long address, long count) {
    if (address == 0 && count > 0) {
      throw new IllegalArgumentException(what + " is address 0");
    }
  }

  void check(long buffer, long count, DataType type, int peer) {
    if (count < 0) {
      throw new IllegalArgumentException("count is " + count + ", expected at least 0");
    }
    checkBuffer("buffer", buffer, count);
    checkRank("peer", peer);
    require(type, null);
  }

  // ---- reductions

  /// Reduces over all ranks; every rank gets the result.
  ///
  /// @param send `count` elements
  /// @param receive `count` elements
  public void allReduce(long send, long receive, long count, DataType type, ReduceOp op) {
    checkBuffer("send", send, count);
    checkBuffer("receive", receive, count);
    boolean mustDivide = mustDivide(type, op);
    ReduceOp used = mustDivide ? ReduceOp.SUM : op;
    collective(
        "device all-reduce",
        count,
        (rank, stream) -> rank.allReduce(send, receive, count, type, used, 1, stream));
    if (mustDivide) {
      divide(receive, count, type);
    }
  }

  /// Sums, over all ranks, each rank's data multiplied by its own factor ([ReduceOp#PRE_MUL_SUM]).
  public void allReducePreMultiplied(
      long send, long receive, long count, DataType type, double factor) {
    checkBuffer("send", send, count);
    checkBuffer("receive", receive, count);
    require(type, ReduceOp.PRE_MUL_SUM);
    collective(
        "device all-reduce",
        count,
        (rank, stream) ->
            rank.allReduce(send, receive, count, type, ReduceOp.PRE_MUL_SUM, factor, stream));
  }

  /// Reduces over all ranks; the root gets the result.
  ///
  /// @param send `count` elements
  /// @param receive `count` elements; used at the root only, 0 elsewhere
  public void reduce(long send, long receive, long count, DataType type, ReduceOp op, int root) {
    checkRank("root", root);
    checkBuffer("send", send, count);
    boolean isRoot = core.control.rank() == root;
    checkBuffer("receive", receive, isRoot ? count : 0);
    boolean mustDivide = mustDivide(type, op);
    ReduceOp used = mustDivide ? ReduceOp.SUM : op;
    collective(
        "device reduce",
        count,
        (rank, stream) -> rank.reduce(send, receive, count, type, used, 1, root, stream));
    if (mustDivide && isRoot) {
      divide(receive, count, type);
    }
  }

  /// Reduces over all ranks; rank i gets block i of the result.
  ///
  /// @param send `size * receiveCount` elements
  /// @param receive `receiveCount` elements
  public void reduceScatter(
      long send, long receive, long receiveCount, DataType type, ReduceOp op) {
    checkBuffer("send", send, receiveCount);
    checkBuffer("receive", receive, receiveCount);
    boolean mustDivide = mustDivide(type, op);
    ReduceOp used = mustDivide ? ReduceOp.SUM : op;
    collective(
        "device reduce-scatter",
        receiveCount,
        (rank, stream) -> rank.reduceScatter(send, receive, receiveCount, type, used, 1, stream));
    if (mustDivide) {
      divide(receive, receiveCount, type);
    }
  }

  // ---- the others

  /// Copies the root's elements to every rank.
  public void broadcast(long buffer, long count, DataType type, int root) {
    checkRank("root", root);
    checkBuffer("buffer", buffer, count);
    require(type, null);
    collective(
        "device broadcast",
        count,
        (rank, stream) -> rank.broadcast(buffer, count, type, root, stream));
  }

  /// Gathers the elements of all ranks, in the order of ranks, on every rank.
  ///
  /// @param send `sendCount` elements
  /// @param receive `size * sendCount` elements
  public void allGather(long send, long receive, long sendCount, DataType type) {
    checkBuffer("send", send, sendCount);
    checkBuffer("receive", receive, sendCount);
    require(type, null);
    collective(
        "device all-gather",
        sendCount,
        (rank, stream) -> rank.allGather(send, receive, sendCount, type, stream));
  }

  /// Gathers the elements of all ranks, in the order of ranks, at the root.
  ///
  /// @param send `count` elements
  /// @param receive `size * count` elements; used at the root only, 0 elsewhere
  public void gather(long send, long receive, long count, DataType type, int root) {
    checkRank("root", root);
    checkBuffer("send", send, count);
    checkBuffer("receive", receive, core.control.rank() == root ? count : 0);
    require(type, null);
    collective(
        "device gather",
        count,
        (rank, stream) -> rank.gather(send, receive, count, type, root, stream));
  }

  /// Gives each rank its block of the root's elements.
  ///
  /// @param send `size * count` elements; used at the root only, 0 elsewhere
  /// @param receive `count` elements
  public void scatter(long send, long receive, long count, DataType type, int root) {
    checkRank("root", root);
    checkBuffer("send", send, core.control.rank() == root ? count : 0);
    checkBuffer("receive", receive, count);
    require(type, null);
    collective(
        "device scatter",
        count,
        (rank, stream) -> rank.scatter(send, receive, count, type, root, stream));
  }

  /// Sends block j to rank j and receives block i from rank i. Not in place.
  ///
  /// @param send `size * count` elements
  /// @param receive `size * count` elements
  public void allToAll(long send, long receive, long count, DataType type) {
    checkBuffer("send", send, count);
    checkBuffer("receive", receive, count);
    require(type, null);
    collective(
        "device all-to-all",
        count,
        (rank, stream) -> rank.allToAll(send, receive, count, type, stream));
  }

  /// Exchanges blocks of different lengths. Not in place.
  ///
  /// @param send a block for every rank
  /// @param sendCounts length of each; what this rank sends to rank d is what d receives from it
  /// @param sendDisplacements where each begins in `send`, in elements
  /// @param receive a block of every rank
  /// @param receiveCounts length of each
  /// @param receiveDisplacements where each begins in `receive`, in elements
  public void allToAllV(
      long send,
      long[] sendCounts,
      long[] sendDisplacements,
      long receive,
      long[] receiveCounts,
      long[] receiveDisplacements,
      DataType type) {
    checkEach("sendCounts", sendCounts);
    checkEach("sendDisplacements", sendDisplacements);
    checkEach("receiveCounts", receiveCounts);
    checkEach("receiveDisplacements", receiveDisplacements);
    require(type, null);
    collective(
        "device all-to-all-v",
        1, // others may have something for each other
        (rank, stream) ->
            rank.allToAllV(
                send,
                sendCounts,
                sendDisplacements,
                receive,
                receiveCounts,
                receiveDisplacements,
                type,
                stream));
  }

  private void checkEach(String what, long[] numbers) {
    if (numbers.length != core.control.size()) {
      throw new IllegalArgumentException(
          what + " has " + numbers.length + " numbers, expected " + core.control.size());
    }
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] < 0) {
        throw new IllegalArgumentException(
            what + "[" + i + "] is " + numbers[i] + ", expected at least 0");
      }
    }
  }

  /// Waits, on the stream, for all ranks.
  public void barrier() {
    collective("device barrier", 1, VendorRank::barrier);
  }

  // ---- point to point

  /// Sends `count` elements to a peer, which must receive as many of the same type. Messages
  /// between two ranks arrive in order; ones that depend on each other need a [#group].
  public void send(long buffer, long count, DataType type, int peer) {
    check(buffer, count, type, peer);
    message("device send to rank " + peer, Transfer.send(buffer, count, type, peer));
  }

  /// Receives `count` elements from a peer.
  public void receive(long buffer, long count, DataType type, int peer) {
    check(buffer, count, type, peer);
    message("device receive from rank " + peer, Transfer.receive(buffer, count, type, peer));
  }

  private void message(String operation, Transfer transfer) {
    List<Transfer> one = List.of(transfer);
    core.issue(
        operation, Scope.POINT_TO_POINT, handle(), (rank, stream) -> rank.exchange(one, stream));
    issued(operation);
  }

  /// Returns an empty group of sends and receives, to be filled and run.
  public DeviceGroup group() {
    core.checkUsable();
    return new DeviceGroup(this);
  }

  void exchange(List<Transfer> transfers) {
    String operation = "device group of " + transfers.size() + " messages";
    core.issue(
        operation,
        Scope.POINT_TO_POINT,
        handle(),
        (rank, stream) -> rank.exchange(transfers, stream));
    issued(operation);
  }
}
