package dev.tutti.collectives;

import dev.tutti.collectives.execute.BlockLayout;
import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.collectives.execute.FlowPort;
import dev.tutti.collectives.execute.GroupFailure;
import dev.tutti.collectives.execute.GroupStatus;
import dev.tutti.collectives.execute.MessagePort.Message;
import dev.tutti.collectives.execute.RemotePort;
import dev.tutti.collectives.execute.Signature;
import dev.tutti.collectives.kernel.CombinerException;
import dev.tutti.collectives.kernel.CustomKernel;
import dev.tutti.collectives.kernel.ExactKernels;
import dev.tutti.collectives.kernel.Kernels;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.plan.BlockLengths;
import dev.tutti.collectives.plan.HostProfile;
import dev.tutti.collectives.plan.Plan;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.plan.Reproducibility;
import dev.tutti.collectives.record.OperationRecorder;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.SignatureMismatchException;
import dev.tutti.transport.Waiter;
import dev.tutti.transport.rendezvous.RendezvousException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The machinery behind one [Communicator]: plans, exchanges, failure state.
///
/// Operations run one at a time, on the caller's thread or on the progress thread.
final class CommunicatorCore {
  private static final long VERDICT_NANOS = 250_000_000;
  private static final long VERDICT_NAP_NANOS = 1_000_000;

  // What ids and tags are mixed from: growths count from 0, children from here.
  private static final long FIRST_CHILD = 1L << 32;
  private static final long SHRINK = -1;

  final WorldContext world;
  final long id;
  final int[] members;
  final int index;
  final int size;

  private final GroupStatus status;
  private final Exchanges exchanges;
  private final Planner planner;
  private final Stragglers stragglers;
  private final PlanTable plans;
  private final long block;
  private long children; // communicators split off; owner: the thread that splits
  private final CommunicatorRecord record;
  private final @Nullable OperationRecorder recorder;
  private long operations; // owner: the thread that runs operations
  private long running; // signature of the latest operation; owner as above
  private long growths; // newcomers were admitted so many times; the same on all members
  private volatile @Nullable TuttiException failure;
  private final List<Runnable> closing = new CopyOnWriteArrayList<>();

  /// Makes the core of a member of a world's own communicator, or of one that took its place.
  CommunicatorCore(WorldContext world, long id, int[] members, int index, long[] blockTokens) {
    this(
        world,
        id,
        id == 0 ? "world" : "world-" + Long.toHexString(id),
        members,
        index,
        blockTokens,
        world.config().algorithm());
  }

  /// Makes the core of one member.
  ///
  /// @param id number of the communicator, the same on all members and on no other communicator
  ///   that one of them belongs to
  /// @param name its name for people
  /// @param algorithm the option `algorithm`, which need not be the world's
  CommunicatorCore(
      WorldContext world,
      long id,
      String name,
      int[] members,
      int index,
      long[] blockTokens,
      @Nullable String algorithm) {
    this.world = world;
    this.id = id;
    this.members = members.clone();
    this.index = index;
    this.size = members.length;
    CommunicatorConfig config = world.config();
    Exchanges.Sizes sizes = config.sizes();
    this.block = world.domain().address(members[index], blockTokens[index]);
    this.status = new GroupStatus(members);
    world.status().add(id, status);
    this.exchanges =
        new Exchanges(
            world.domain(),
            sizes,
            status,
            index,
            blockTokens,
            world.ranksPerCore(),
            config.operationTimeoutNanos(),
            world.streamingBytes(),
            (purpose, lanes, check) ->
                world.network(2 * id + purpose, members, index, lanes, check));
    this.planner =
        new Planner(
            size,
            sizes.lanes(size),
            sizes.flatBytes(),
            ScheduleFiles.name(algorithm),
            config.reproducibility(),
            world.hostOf(members),
            world.groupOf(members),
            HostProfile.unknown());
    this.stragglers = new Stragglers(config, planner, exchanges, size, index);
    if (id == 0) {
      ScheduleFiles.preferInWorld(algorithm, size, planner);
    } else {
      List<Integer> _ = ScheduleFiles.prefer(algorithm, size, planner);
    }
    this.record = new CommunicatorRecord(world, exchanges, name, members, index);
    this.plans =
        new PlanTable(config, planner, exchanges, stragglers, record, world.hostOf(members), index);
    this.recorder = record.recorder();
  }

  Planner planner() {
    return planner;
  }

  /// Returns the plan for the case that one rank is late, null if all wait for it.
  @Nullable Plan latePlan(Plan usual, long vectorBytes) {
    return stragglers.latePlan(usual, vectorBytes);
  }

  /// Returns what runs a collective of a size; made at the first request.
  ///
  /// @param lengths whether it is for equal blocks
  PlanTable.Bound bound(
      Collective collective,
      BlockLengths lengths,
      DataType type,
      Reduction op,
      long vectorBytes,
      int root) {
    try {
      return plans.bound(collective, lengths, type, op, vectorBytes, root);
    } catch (NetworkException e) { // it connects to whom it needs
      throw fail(e);
    }
  }

  /// Runs one operation on the calling thread.
  void run(
      PlanTable.Bound bound,
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root,
      @Nullable BlockLayout layout) {
    if (failure != null) {
      throw failedBefore();
    }
    long number = operations++;
    exchanges.operation(number);
    running = signature;
    OperationRecorder listener = recorder;
    if (listener != null) {
      listener.enter(number, signature, bound.algorithm(), count * elementBytes);
    }
    try {
      if (layout == null) {
        bound.exchange().run(signature, send, receive, count, elementBytes, kernel, divisor, root);
      } else {
        bound
            .uneven()
            .runUneven(signature, send, receive, layout, elementBytes, kernel, divisor, root);
      }
    } catch (Throwable t) {
      throw fail(t);
    }
    if (listener != null) {
      listener.done(number, count * elementBytes);
    }
  }

  void send(long address, long bytes, DataType type, int peer) {
    if (failure != null) {
      throw failedBefore();
    }
    if (recorder != null) {
      recorder.enterSend(operations, type, peer, bytes / type.bytes());
    }
    try {
      exchanges.messages().send(address, bytes, type, peer);
    } catch (Throwable t) {
      throw fail(t);
    }
    if (recorder != null) {
      recorder.doneMessage(operations, bytes);
    }
  }

  void receive(long address, long bytes, DataType type, int peer) {
    if (failure != null) {
      throw failedBefore();
    }
    if (recorder != null) {
      recorder.enterReceive(operations, type, peer, bytes / type.bytes());
    }
    try {
      exchanges.messages().receive(address, bytes, type, peer);
    } catch (Throwable t) {
      throw fail(t);
    }
    if (recorder != null) {
      recorder.doneMessage(operations, bytes);
    }
  }

  /// Sends and receives messages, all at once.
  void exchange(List<Message> sends, List<Message> receives) {
    if (failure != null) {
      throw failedBefore();
    }
    record.begin(operations, sends, receives);
    try {
      exchanges.messages().exchange(sends, receives);
    } catch (Throwable t) {
      throw fail(t);
    }
    record.end(operations, sends, receives);
  }

  /// Does something that uses this communicator beside its operations; it has failed if that fails.
  <T> T guarded(Supplier<T> action) {
    checkUsable();
    try {
      return action.get();
    } catch (Throwable t) {
      throw failure == null ? fail(t) : failedBefore();
    }
  }

  /// Returns what measures flows between members; throws if the communicator has failed.
  FlowPort flows() {
    checkUsable();
    return exchanges.flows();
  }

  /// Returns what carries messages that nobody waits for, instead of [#send] and [#receive].
  RemotePort remote() {
    return exchanges.remote();
  }

  /// Returns who waits for the words of other members that share memory.
  Waiter waiter() {
    return exchanges.waiter();
  }

  /// Adds something to be done before the connections are closed and the memory is freed.
  void beforeClose(Runnable action) {
    closing.add(action);
  }

  /// Does what is to be done before closing.
  void closing() {
    closing.forEach(Runnable::run);
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

  /// Throws if the communicator has failed, or another member or the control plane has said that it
  /// cannot go on; any thread may ask.
  void checkStatus() {
    checkUsable();
    GroupFailure said = status.failure();
    if (said != null) {
      throw said.toException(index, -1);
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
    } else if (cause instanceof NetworkException broken) {
      result = unreachable(broken);
    } else if (cause instanceof SignatureMismatchException mismatch) {
      result = mismatch(mismatch);
    } else if (cause instanceof CombinerException thrown) {
      String text = String.valueOf(thrown.getMessage());
      result =
          new TuttiException(text + " on rank " + index, index, operations - 1, thrown.getCause());
    } else if (cause instanceof Error error && !(error instanceof AssertionError)) {
      failure = new TuttiException(String.valueOf(error), index, operations - 1, error);
      exchanges.abandon();
      record.failed(operations - 1, error.getClass().getSimpleName(), String.valueOf(error));
      throw error;
    } else {
      result = new TuttiException("internal error: " + cause, index, operations - 1, cause);
    }
    if (failure == null) {
      failure = result;
      world.status().fail(id, GroupFailure.of(result)); // the others may not find it themselves
    }
    exchanges.abandon(); // the caller may free the memory of the operation now
    record.failed(result.operation(), result.getClass().getSimpleName(), result.text());
    return result;
  }

  /// A connection breaks because a rank died, or because it failed and closed: the control plane
  /// knows, and is asked for a moment.
  private TuttiException unreachable(NetworkException broken) {
    long deadline = System.nanoTime() + VERDICT_NANOS;
    while (System.nanoTime() < deadline) {
      GroupFailure verdict = status.failure();
      if (verdict != null) {
        return verdict.toException(index, operations - 1);
      }
      LockSupport.parkNanos(VERDICT_NAP_NANOS);
    }
    return new RankFailedException(
        List.of(broken.peer()), String.valueOf(broken.getMessage()), index, operations - 1, broken);
  }

  private MismatchException mismatch(SignatureMismatchException found) {
    String text =
        "ranks disagree on operation "
            + (operations - 1)
            + ": rank "
            + index
            + " called "
            + Signature.describe(running)
            + "; rank "
            + found.peer()
            + (found.operation() == operations
                ? ""
                : ", still in operation " + (found.operation() - 1) + ",")
            + " called "
            + Signature.describe(found.signature());
    return new MismatchException(text, index, operations - 1, found);
  }

  /// Returns whether an operation has failed.
  boolean hasFailed() {
    return failure != null;
  }

  /// Turns a failed agreement into what callers see, in this communicator's numbers.
  TuttiException translate(RendezvousException e) {
    List<Integer> who = e.ranks().stream().map(status::memberOf).filter(m -> m >= 0).toList();
    String message = e.getMessage() + (who.equals(e.ranks()) ? "" : "; here they are " + who);
    if (e.kind() == RendezvousException.Kind.TIMEOUT) {
      return timeout(message, e);
    }
    return who.isEmpty()
        ? WorldJoin.translate(e, index)
        : new RankFailedException(who, message, index, -1, e);
  }

  private TimeoutException timeout(String message, RendezvousException e) {
    return failure == null
        ? TimeoutException.harmless(message, index, e)
        : new TimeoutException(message, index, -1, e);
  }

  /// Makes every operation of every member fail, now and later.
  void abort(String message) {
    if (failure == null) {
      failure = new AbortedException(message, index, -1, null);
    }
    world.status().fail(id, new GroupFailure(GroupFailure.Kind.ABORTED, List.of(), message));
  }

  /// Makes every later operation of this member fail because another communicator takes its place.
  void replace(String how) {
    if (failure == null) {
      failure =
          new AbortedException(
              "the communicator was replaced by the one that " + how + " returned",
              index,
              -1,
              null);
    }
  }

  /// Makes sure that members which count as dead do not touch shared memory any more.
  ///
  /// @param survivors world ranks of the members that go on
  /// @return whether that is so
  boolean fence(List<Integer> survivors) {
    boolean all = true;
    for (int rank : members) {
      all &= survivors.contains(rank) || world.fence(rank);
    }
    return all;
  }

  /// Notes that no living member will use this communicator any more, so that its memory may be
  /// freed.
  void settle() {
    status.settle();
  }

  /// Returns the id of the communicator of those that survive, and the tag of the agreement on who
  /// they are; there is but one for each communicator.
  long shrunkId() {
    return mix(id, SHRINK);
  }

  /// Returns the id of the communicator that the newcomers admitted last belong to, and the tag of
  /// the agreement to make it; also that of the agreement on who is admitted next.
  long grownId() {
    return mix(id, growths);
  }

  /// Notes that newcomers were admitted.
  void countGrowth() {
    growths++;
  }

  /// Returns the id of the next communicator split off this one.
  ///
  /// @param color which part of it; members of different parts never meet, so only parts of
  ///   different communicators need different ids
  long nextId(long color) {
    return mix(mix(id, FIRST_CHILD + children++), color);
  }

  /// Returns a number that nothing else is likely to have, from 0 to 2^62 - 1 (Steele, Lea and
  /// Flood, "Fast splittable pseudorandom number generators", 2014, the mix64 function).
  private static long mix(long a, long b) {
    long z = a * 0x9E3779B97F4A7C15L + b;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (z ^ (z >>> 31)) & Long.MAX_VALUE >>> 1;
  }

  /// Returns the name of the communicator split off last, on the members that passed a color.
  String partName(int color) {
    return record.name() + "." + children + "." + color;
  }

  /// Writes a dump; see [Communicator#dump].
  Path dump(Path target) throws IOException {
    return record.dump(target);
  }

  static ReductionKernel kernel(DataType type, Reduction op) {
    return switch (op) {
      case ReduceOp builtIn -> Kernels.of(type, builtIn);
      case CustomReduction custom -> new CustomKernel(custom, type);
    };
  }

  /// Returns the arithmetic of a collective.
  ///
  /// @throws IllegalArgumentException if sums must be exact and there is no exact form
  ReductionKernel kernelOf(Collective collective, DataType type, Reduction op) {
    boolean exact =
        world.config().reproducibility() == Reproducibility.EXACT && collective.reduces();
    return exact && op instanceof ReduceOp builtIn
        ? ExactKernels.of(type, builtIn)
        : kernel(type, op);
  }

  /// Closes the group; its block is freed once all members have done so.
  void close() {
    if (status.isSettled()) {
      exchanges.release();
    } else if (!hasFailed() && status.failure() == null) {
      exchanges.close();
    } else {
      exchanges.disconnect();
    }
    world.status().remove(id);
    record.close();
    world.retire(this);
  }

  /// Frees the block if no member looks at it any more; returns whether it did.
  boolean freeIfAbandoned() {
    if (!status.isSettled() && !exchanges.isAbandoned()) {
      return false;
    }
    world.domain().free(block);
    return true;
  }
}
