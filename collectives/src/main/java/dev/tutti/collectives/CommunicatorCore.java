package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchange;
import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.collectives.execute.MessagePort;
import dev.tutti.collectives.kernel.Kernels;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.plan.HostProfile;
import dev.tutti.collectives.plan.Plan;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.transport.Waiter;
import org.jspecify.annotations.Nullable;

/// The machinery behind one [Communicator]: plans, exchanges, failure state.
///
/// Operations run one at a time, on the caller's thread or on the progress thread.
final class CommunicatorCore {
  private static final int SIZE_CLASSES = 65;

  final WorldContext world;
  final int[] members;
  final int index;
  final int size;

  private final Exchanges exchanges;
  private final Planner planner;
  private final @Nullable Bound[][] table; // [collective * size + root][size class]
  private final long block;
  private long operations; // owner: the thread that runs operations
  private volatile @Nullable TuttiException failure;

  /// A plan with what executes it.
  record Bound(Plan plan, Exchange exchange) {}

  CommunicatorCore(WorldContext world, int[] members, int index, long[] blockTokens) {
    this.world = world;
    this.members = members.clone();
    this.index = index;
    this.size = members.length;
    CommunicatorConfig config = world.config();
    Exchanges.Sizes sizes = config.sizes();
    this.block = world.domain().address(members[index], blockTokens[index]);
    this.exchanges =
        new Exchanges(
            world.domain(),
            sizes,
            members,
            index,
            blockTokens,
            world.ranksPerCore() > 1,
            config.operationTimeoutNanos(),
            world.streamingBytes());
    this.planner =
        new Planner(
            size,
            sizes.lanes(size),
            sizes.flatBytes(),
            config.algorithm(),
            HostProfile.typical(world.ranksPerCore(), world.cacheBytes()));
    this.table = new Bound[Collective.values().length * size][SIZE_CLASSES];
  }

  Planner planner() {
    return planner;
  }

  /// Returns what runs a collective of a size; made at the first request.
  Bound bound(Collective collective, long vectorBytes, int root) {
    @Nullable Bound[] row = table[collective.ordinal() * size + root];
    int sizeClass = Long.SIZE - Long.numberOfLeadingZeros(vectorBytes);
    Bound bound = row[sizeClass];
    if (bound == null) {
      // The whole class shares one plan, made for its largest size.
      long largest = sizeClass == 0 ? 0 : Math.max(vectorBytes, (1L << sizeClass) - 1);
      Plan plan = planner.plan(collective, largest, root);
      Exchange exchange =
          plan.shape() == null
              ? exchanges.interpreted(plan.schedules().schedules().get(index))
              : exchanges.lowered(plan.shape(), plan.schedules().schedules().get(index), largest);
      bound = new Bound(plan, exchange);
      row[sizeClass] = bound;
    }
    return bound;
  }

  /// Runs one operation on the calling thread.
  void run(
      Exchange exchange,
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    if (failure != null) {
      throw failedBefore();
    }
    exchanges.operation(operations++);
    try {
      exchange.run(signature, send, receive, count, elementBytes, kernel, divisor, root);
    } catch (Throwable t) {
      throw fail(t);
    }
  }

  void send(long address, long bytes, DataType type, int peer) {
    if (failure != null) {
      throw failedBefore();
    }
    try {
      messages().send(address, bytes, type, peer);
    } catch (Throwable t) {
      throw fail(t);
    }
  }

  void receive(long address, long bytes, DataType type, int peer) {
    if (failure != null) {
      throw failedBefore();
    }
    try {
      messages().receive(address, bytes, type, peer);
    } catch (Throwable t) {
      throw fail(t);
    }
  }

  private MessagePort messages() {
    return exchanges.messages();
  }

  /// Returns the first failure of this communicator, wrapped for another throw.
  private TuttiException failedBefore() {
    TuttiException first = failure;
    if (first == null) {
      throw new AssertionError("not failed");
    }
    return first.again();
  }

  /// Throws if the communicator has failed.
  void checkUsable() {
    if (failure != null) {
      throw failedBefore();
    }
  }

  /// Records the first failure and returns what to throw.
  private TuttiException fail(Throwable cause) {
    TuttiException result;
    if (cause instanceof TuttiException known) {
      result = known;
    } else if (cause instanceof Waiter.DeadlineException) {
      String missing = exchanges.missing();
      String who =
          missing == null
              ? "all ranks had entered it"
              : "rank(s) " + missing + " had not entered it";
      result =
          new TimeoutException(
              "operation " + (operations - 1) + " made " + cause.getMessage() + "; " + who,
              index,
              operations - 1,
              cause);
    } else if (cause instanceof Error error && !(error instanceof AssertionError)) {
      failure = new TuttiException(String.valueOf(error), index, operations - 1, error);
      throw error;
    } else {
      result = new TuttiException("internal error: " + cause, index, operations - 1, cause);
    }
    if (failure == null) {
      failure = result;
    }
    return result;
  }

  /// Returns whether an operation has failed.
  boolean hasFailed() {
    return failure != null;
  }

  /// Makes every later operation fail.
  void poison(TuttiException reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  static ReductionKernel kernel(DataType type, ReduceOp op) {
    return Kernels.of(type, op);
  }

  /// Closes the group; its block is freed once all members have done so.
  void close() {
    if (!hasFailed() && world.domain().status().failure() == null) {
      exchanges.close();
    }
    world.retire(this);
  }

  /// Frees the block if no member looks at it any more; returns whether it did.
  boolean freeIfAbandoned() {
    if (!exchanges.isAbandoned()) {
      return false;
    }
    world.domain().free(block);
    return true;
  }
}
