package dev.tutti.collectives.device;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.hccl.HcclCommunicator;
import dev.tutti.bindings.hccl.HcclConfig;
import dev.tutti.bindings.hccl.HcclDataType;
import dev.tutti.bindings.hccl.HcclReduceOp;
import dev.tutti.bindings.hccl.HcclResult;
import dev.tutti.bindings.hccl.HcclTransfers;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A rank of HCCL. Gather is sends and receives that go out together; a rank's part for itself is a
/// copy.
final class HcclRank implements VendorRank {
  /// What HCCL reduces on the chips of the Atlas A2 and A3.
  private static final Set<DataType> REDUCED =
      EnumSet.of(
          DataType.INT8,
          DataType.INT32,
          DataType.INT64,
          DataType.FLOAT16,
          DataType.BFLOAT16,
          DataType.FLOAT32);

  /// Where a communicator is.
  ///
  /// @param library for messages
  record Place(DeviceRuntime runtime, String library, int size, int rank, Kind kind) {}

  /// Whether parts can be made of a communicator.
  enum Kind {
    GLOBAL,
    PART
  }

  private final PendingRank made;
  private final Place place;
  private final KeptArguments kept;
  private int parts; // made of this so far

  HcclRank(PendingRank made, Place place) {
    this.made = made;
    this.place = place;
    this.kept = new KeptArguments(place.runtime());
  }

  private static HcclDataType of(DataType type) {
    return switch (type) {
      case INT8 -> HcclDataType.INT8;
      case UINT8 -> HcclDataType.UINT8;
      case INT32 -> HcclDataType.INT32;
      case UINT32 -> HcclDataType.UINT32;
      case INT64 -> HcclDataType.INT64;
      case UINT64 -> HcclDataType.UINT64;
      case FLOAT16 -> HcclDataType.FLOAT16;
      case BFLOAT16 -> HcclDataType.BFLOAT16;
      case FLOAT32 -> HcclDataType.FLOAT32;
      case FLOAT64 -> HcclDataType.FLOAT64;
      case FLOAT8_E4M3 -> HcclDataType.FLOAT8_E4M3;
      case FLOAT8_E5M2 -> HcclDataType.FLOAT8_E5M2;
    };
  }

  private static HcclReduceOp of(ReduceOp op) {
    return switch (op) {
      case SUM -> HcclReduceOp.SUM;
      case PROD -> HcclReduceOp.PROD;
      case MIN -> HcclReduceOp.MIN;
      case MAX -> HcclReduceOp.MAX;
      case AVG, PRE_MUL_SUM -> throw new UnsupportedOperationException("HCCL has no " + op);
    };
  }

  @Override
  public void require(DataType type, @Nullable ReduceOp op) {
    if (type == DataType.FLOAT8_E4M3 || type == DataType.FLOAT8_E5M2) {
      throw new UnsupportedOperationException(place.library() + " has no type " + type);
    }
    if (op == null) {
      return;
    }
    if (op == ReduceOp.PRE_MUL_SUM) {
      throw new UnsupportedOperationException(place.library() + " has no PRE_MUL_SUM");
    }
    if (op == ReduceOp.AVG) {
      throw new UnsupportedOperationException(
          place.library()
              + " has no AVG and a stream cannot divide: use the blocking call, or SUM and divide"
              + " in a kernel");
    }
    boolean isNarrow = op == ReduceOp.PROD && type == DataType.BFLOAT16;
    if (!REDUCED.contains(type) || isNarrow) {
      throw new UnsupportedOperationException(
          place.library() + " has no " + op + " of " + type + "; it reduces " + REDUCED);
    }
  }

  // ---- collectives

  @Override
  public void allReduce(
      long send, long receive, long count, DataType type, ReduceOp op, double factor, long stream) {
    made.get().allReduce(send, receive, count, of(type), of(op), stream);
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
    // HCCL wants a buffer for the result everywhere; only the root's is written.
    long result = place.rank() == root || receive != 0 ? receive : send;
    made.get().reduce(send, result, count, of(type), of(op), root, stream);
  }

  @Override
  public void reduceScatter(
      long send, long receive, long count, DataType type, ReduceOp op, double factor, long stream) {
    made.get().reduceScatter(send, receive, count, of(type), of(op), stream);
  }

  @Override
  public void broadcast(long buffer, long count, DataType type, int root, long stream) {
    made.get().broadcast(buffer, count, of(type), root, stream);
  }

  @Override
  public void allGather(long send, long receive, long count, DataType type, long stream) {
    made.get().allGather(send, receive, count, of(type), stream);
  }

  @Override
  public void gather(long send, long receive, long count, DataType type, int root, long stream) {
    exchange(Composed.gather(send, receive, count, type, root, place.rank(), place.size()), stream);
  }

  @Override
  public void scatter(long send, long receive, long count, DataType type, int root, long stream) {
    long from = place.rank() == root || send != 0 ? send : receive; // HCCL wants some address
    made.get().scatter(from, receive, count, of(type), root, stream);
  }

  @Override
  public void allToAll(long send, long receive, long count, DataType type, long stream) {
    made.get().allToAll(send, receive, count, of(type), stream);
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
    Arena arena = Arena.ofAuto();
    MemorySegment sent = arena.allocateFrom(JAVA_LONG, sendCounts);
    MemorySegment from = arena.allocateFrom(JAVA_LONG, sendDisplacements);
    MemorySegment received = arena.allocateFrom(JAVA_LONG, receiveCounts);
    MemorySegment to = arena.allocateFrom(JAVA_LONG, receiveDisplacements);
    made.get().allToAllV(send, sent, from, receive, received, to, of(type), stream);
    kept.until(stream, List.of(sent, from, received, to));
  }

  @Override
  public void barrier(long stream) {
    made.get().barrier(stream);
  }

  @Override
  public void exchange(List<Transfer> transfers, long stream) {
    copyOwn(transfers, stream);
    try (Arena arena = Arena.ofConfined()) {
      HcclTransfers items = new HcclTransfers(arena, Math.max(1, transfers.size()));
      for (Transfer transfer : transfers) {
        if (transfer.peer() != place.rank() && transfer.count() > 0) {
          HcclDataType type = of(transfer.type());
          switch (transfer.kind()) {
            case SEND -> items.send(transfer.address(), transfer.count(), type, transfer.peer());
            case RECEIVE ->
                items.receive(transfer.address(), transfer.count(), type, transfer.peer());
          }
        }
      }
      if (items.count() > 0) {
        made.get().batchSendReceive(items, stream); // reads the items before it returns
      }
    }
  }

  /// Pairs this rank's sends and receives with itself, in their order.
  private void copyOwn(List<Transfer> transfers, long stream) {
    List<Transfer> own = transfers.stream().filter(each -> each.peer() == place.rank()).toList();
    List<Transfer> sends = own.stream().filter(t -> t.kind() == Transfer.Kind.SEND).toList();
    List<Transfer> receives = own.stream().filter(t -> t.kind() == Transfer.Kind.RECEIVE).toList();
    if (sends.size() != receives.size()) {
      throw new IllegalArgumentException(
          "rank "
              + place.rank()
              + " sends "
              + sends.size()
              + " times to itself and receives "
              + receives.size()
              + " times from itself");
    }
    for (int i = 0; i < sends.size(); i++) {
      Transfer from = sends.get(i);
      Transfer to = receives.get(i);
      long bytes = from.count() * from.type().bytes();
      if (bytes != to.count() * to.type().bytes()) {
        throw new IllegalArgumentException(
            "rank " + place.rank() + " sends itself " + from + " and receives " + to);
      }
      if (bytes > 0 && from.address() != to.address()) {
        place
            .runtime()
            .copyAsync(
                to.address(), from.address(), bytes, DeviceRuntime.Direction.ON_DEVICE, stream);
      }
    }
  }

  // ---- state

  @Override
  public boolean isSettled() {
    if (!made.isDone()) {
      return false;
    }
    HcclCommunicator _ = made.get();
    return true;
  }

  @Override
  public @Nullable String asyncError() {
    if (!made.isDone()) {
      return null;
    }
    HcclResult result = made.get().asyncError();
    return result == HcclResult.SUCCESS ? null : place.library() + " reports " + result.symbol();
  }

  @Override
  public boolean isHarmless(int error) {
    return switch (HcclResult.of(error)) {
      case PARAMETER, POINTER, NOT_SUPPORTED -> true;
      default -> false;
    };
  }

  @Override
  public DeviceRegistration register(long address, long bytes) {
    throw new UnsupportedOperationException(place.library() + " cannot register memory");
  }

  // ---- others from this, and the end

  /// HCCL makes parts of communicators of all ranks only.
  @Override
  public @Nullable VendorRank split(int color, int key, List<Integer> members) {
    if (place.kind() == Kind.PART) {
      return null;
    }
    long id = ((long) ++parts << Integer.SIZE) | color;
    PendingRank part = PendingRank.start(place.runtime(), () -> partOf(made.get(), members, id));
    int own = members.indexOf(place.rank());
    return new HcclRank(
        part, new Place(place.runtime(), place.library(), members.size(), own, Kind.PART));
  }

  private static HcclCommunicator partOf(HcclCommunicator whole, List<Integer> members, long id) {
    HcclCommunicator part = whole.part(members, id, HcclConfig.DEFAULT);
    if (part == null) {
      throw new AssertionError(members + " is not empty");
    }
    return part;
  }

  @Override
  public boolean canShrink() {
    return false;
  }

  @Override
  public VendorRank shrink(List<Integer> excluded) {
    throw new UnsupportedOperationException(place.library() + " cannot shrink");
  }

  @Override
  public void stop() {
    abort();
  }

  /// What is on streams must have been aborted there: HCCL cannot.
  @Override
  public void abort() {
    made.abandon();
    kept.close();
  }

  @Override
  public void finish() {}

  @Override
  public void close() {
    made.get().close();
    kept.close();
  }
}
