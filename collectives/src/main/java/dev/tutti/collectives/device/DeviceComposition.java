package dev.tutti.collectives.device;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.Request;
import dev.tutti.collectives.TuttiException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// All-reduce over islands of devices, which may be of different vendors: inside an island its
/// library, between islands the host.
///
/// ```
///             lane 0            lane 1
/// island A    A0: half 0        A1: half 1     reduce-scatter on the devices, copy to pinned memory
///                |                 |           all-reduce of a half between the islands, on the host
/// island B    B0: half 0        B1: half 1     copy to the devices, all-gather there
/// ```
///
/// With L lanes, as many as the smallest island has ranks, each lane carries 1/L of the vector, so
/// that each island sends and receives no more than an all-reduce between as many ranks as there
/// are islands has to. Pieces are in several of these stages at once: the idea of HFReduce (An et
/// al., "Fire-Flyer AI-HPC", 2024, section 4.3), there with the reduction of all ranks on the host.
/// In islands that are larger than the smallest, reductions to the ranks with a lane and broadcasts
/// from them take the place of reduce-scatter and all-gather.
///
/// One thread of the system at a time; it belongs to the island's communicator and to the world.
public final class DeviceComposition implements AutoCloseable {
  private static final int SLOTS = 4; // pieces whose memory is in use at once
  private static final int AHEAD = 2; // pieces on their way to the host while one is reduced there
  private static final int ALIGNMENT = 256;

  private final Communicator world;
  private final DeviceCommunicator island;
  private final Communicator lane; // its rank is the island's; of those without a lane, anything
  private final int lanes;
  private final boolean isEven; // this island has no rank without a lane
  private final long slotBytes;
  private final long block; // on the device: this rank's part of each piece in flight
  private final long padded; // on the device: the last piece, if it does not divide
  private final MemorySegment pinned; // as block
  private final DeviceRuntime.Owned backStream;
  private final List<DeviceRuntime.Owned> owned = new ArrayList<>(); // the stream, then memory
  private final DeviceStream forward;
  private final DeviceStream back;
  private final Set<List<Object>> agreed = new HashSet<>();
  private boolean closed;

  private DeviceComposition(
      Communicator world, DeviceCommunicator island, Communicator lane, int lanes, long slotBytes) {
    this.world = world;
    this.island = island;
    this.lane = lane;
    this.lanes = lanes;
    this.isEven = island.size() == lanes;
    this.slotBytes = slotBytes;
    DeviceRuntime runtime = island.core.runtime;
    runtime.use();
    // Not of the island's allocations, which another communicator may take over.
    this.backStream = owned(runtime.stream());
    this.block = owned(runtime.allocate(SLOTS * slotBytes)).address();
    this.padded = owned(runtime.allocate(lanes * slotBytes)).address();
    DeviceRuntime.Owned host = owned(runtime.allocateHost(SLOTS * slotBytes));
    this.pinned = DeviceRuntime.segment(host, SLOTS * slotBytes);
    this.forward = island.stream();
    this.back = island.onStream(backStream.address());
  }

  private DeviceRuntime.Owned owned(DeviceRuntime.Owned made) {
    owned.add(made);
    return made;
  }

  /// Joins islands. Collective over the world, each rank of which is in one island.
  ///
  /// @param island this rank's, which must live as long
  /// @param pieceBytes how much of a lane goes through the stages at once; 4 MiB is a good value
  public static DeviceComposition join(
      Communicator world, DeviceCommunicator island, long pieceBytes) {
    if (pieceBytes <= 0) {
      throw new IllegalArgumentException("pieceBytes is " + pieceBytes + ", expected above 0");
    }
    int[] first = {world.rank()};
    island.core.control.allReduce(first, ReduceOp.MIN); // what tells islands apart
    int[] smallest = {island.size()};
    world.allReduce(smallest, ReduceOp.MIN);
    int lanes = smallest[0];
    Communicator lane = world.split(Math.min(island.rank(), lanes), first[0]);
    long slotBytes = (pieceBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return new DeviceComposition(world, island, lane, lanes, slotBytes);
  }

  /// Returns the number of lanes: the number of ranks of the smallest island.
  public int lanes() {
    return lanes;
  }

  /// Reduces over all ranks of all islands; every rank gets the result. Blocking.
  ///
  /// @param send `count` elements in device memory
  /// @param receive `count` elements in device memory; may be `send`
  /// @param op not PRE_MUL_SUM
  /// @throws UnsupportedOperationException on all ranks if an island's library lacks the type or
  ///   the operator
  public void allReduce(long send, long receive, long count, DataType type, ReduceOp op) {
    if (closed) {
      throw new IllegalStateException("this composition is closed");
    }
    if (count < 0) {
      throw new IllegalArgumentException("count is " + count + ", expected at least 0");
    }
    agree(type, op);
    try {
      new Run(send, receive, count, type, op).all();
    } catch (TuttiException e) {
      // Those of this island wait on their devices, those of this lane on the host.
      lane.abort(String.valueOf(e.getMessage()));
      throw island.core.hasFailed() ? e : island.core.fail(e);
    }
  }

  /// Finds out once whether all islands can.
  private void agree(DataType type, ReduceOp op) {
    if (agreed.contains(List.of(type, op))) {
      return;
    }
    String problem = "";
    if (op == ReduceOp.PRE_MUL_SUM) {
      problem = "a composition has no PRE_MUL_SUM";
    } else {
      try {
        island.core.rank.require(type, onDevice(op));
      } catch (UnsupportedOperationException e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    int[] blame = {problem.isEmpty() ? Integer.MAX_VALUE : world.rank()};
    world.allReduce(blame, ReduceOp.MIN);
    if (blame[0] != Integer.MAX_VALUE) {
      throw new UnsupportedOperationException(
          problem.isEmpty() ? "rank " + blame[0] + " cannot " + op + " " + type : problem);
    }
    agreed.add(List.of(type, op));
  }

  /// The host divides what islands have summed.
  private static ReduceOp onDevice(ReduceOp op) {
    return op == ReduceOp.AVG ? ReduceOp.SUM : op;
  }

  /// One all-reduce.
  private final class Run {
    private final long send;
    private final long receive;
    private final long count;
    private final DataType type;
    private final ReduceOp op;
    private final long pieceCount; // elements of a lane's part of a piece
    private final List<Request> arrivals = new ArrayList<>(); // on the host, by piece
    private final List<Request> returns = new ArrayList<>(); // on the device, by piece

    Run(long send, long receive, long count, DataType type, ReduceOp op) {
      this.send = send;
      this.receive = receive;
      this.count = count;
      this.type = type;
      this.op = op;
      this.pieceCount = slotBytes / type.bytes();
    }

    void all() {
      long whole = pieceCount * lanes;
      int pieces = Math.toIntExact((count + whole - 1) / whole);
      for (int p = 0; p < pieces + AHEAD; p++) {
        if (p < pieces) {
          if (p >= SLOTS) {
            returns.get(p - SLOTS).await();
          }
          goOut(p);
        }
        if (p >= AHEAD) {
          comeBack(p - AHEAD);
        }
      }
      back.request().await();
    }

    private long start(int piece) {
      return piece * pieceCount * lanes;
    }

    private long length(int piece) {
      return Math.min(pieceCount * lanes, count - start(piece));
    }

    /// Elements of each lane; the last piece may be rounded up, in memory of this.
    private long part(int piece) {
      return (length(piece) + lanes - 1) / lanes;
    }

    private boolean isPadded(int piece) {
      return length(piece) % lanes != 0;
    }

    private long slot(int piece) {
      return piece % SLOTS * slotBytes;
    }

    private boolean hasLane() {
      return island.rank() < lanes;
    }

    private void goOut(int piece) {
      long part = part(piece);
      long from = send + start(piece) * type.bytes();
      if (isPadded(piece)) {
        forward.copy(from, padded, length(piece) * type.bytes());
        from = padded;
      }
      long to = block + slot(piece);
      if (isEven) {
        forward.reduceScatter(from, to, part, type, onDevice(op));
      } else {
        for (int root = 0; root < lanes; root++) {
          long at = from + root * part * type.bytes();
          long result = island.rank() == root ? to : 0;
          forward.reduce(at, result, part, type, onDevice(op), root);
        }
      }
      if (hasLane()) {
        long bytes = part * type.bytes();
        forward.copyToHost(to, pinned.asSlice(slot(piece), bytes), bytes);
      }
      arrivals.add(forward.request());
    }

    private void comeBack(int piece) {
      long part = part(piece);
      long bytes = part * type.bytes();
      long whole = isPadded(piece) ? padded : receive + start(piece) * type.bytes();
      long own = whole + island.rank() * bytes;
      arrivals.get(piece).await(); // also for the padded memory, which is written again
      if (hasLane()) {
        MemorySegment reduced = pinned.asSlice(slot(piece), bytes);
        lane.allReduce(reduced, reduced, part, type, onDevice(op));
        if (op == ReduceOp.AVG) {
          HostElements.divide(reduced, part, type, world.size());
        }
        back.copyToDevice(reduced, own, bytes);
      }
      if (isEven) {
        back.allGather(own, whole, part, type);
      } else {
        for (int root = 0; root < lanes; root++) {
          back.broadcast(whole + root * bytes, part, type, root);
        }
      }
      if (isPadded(piece)) {
        long target = receive + start(piece) * type.bytes();
        back.copy(padded, target, length(piece) * type.bytes());
      }
      returns.add(back.request());
    }
  }

  /// Frees what this has; the island and the world go on. Idempotent.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    island.core.runtime.use();
    owned.forEach(each -> DeviceCore.quietly(each::close));
    lane.close();
  }
}
