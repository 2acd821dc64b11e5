package dev.tutti.collectives;

import dev.tutti.collectives.plan.Plan;
import dev.tutti.collectives.record.FlightEvents;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.topology.Topology;
import dev.tutti.topology.probe.ProbeDepth;
import dev.tutti.topology.probe.Profile;
import dev.tutti.transport.rendezvous.RendezvousException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A group of ranks that communicate.
///
/// ```java
/// try (Communicator world = Communicator.join()) {
///   MemorySegment gradient = world.allocate(4 * count);
///   world.allReduce(gradient, gradient, count, DataType.FLOAT32, ReduceOp.SUM);
/// }
/// ```
///
/// Every rank of the communicator must make the same calls in the same order. Ranks that disagree
/// get a [MismatchException], all of them; ranks that wait for one that died get a
/// [RankFailedException]; nothing waits longer than the operation timeout. After such a failure the
/// communicator is no longer usable and every call throws the first failure again; [#shrink] makes
/// one of the ranks that are left, and [#grow] takes in new ones.
///
/// **Buffers** are memory segments of any alignment. Send and receive buffer may be the same (in
/// place; for all-gather and reduce-scatter: the smaller one is this rank's block of the larger) or
/// disjoint. Native segments are used where they are; those from [#allocate] are visible to the
/// other ranks of the host, which saves a copy. Heap segments work and are copied.
///
/// **Threads.** One thread at a time may call a communicator; different communicators are
/// independent. Operations started with an `...Async` method run on a thread of the communicator,
/// in order; a blocking call made meanwhile runs after them.
public final class Communicator extends UnevenCalls implements AutoCloseable {
  private static final Duration FOR_EVER = Duration.ofDays(365);

  private final PeerMessages messages;
  private volatile boolean ownsWorld; // whether closing this leaves the world

  /// Makes a communicator that does not own its world.
  Communicator(CommunicatorCore core) {
    super(core);
    this.messages = new PeerMessages(core, queue, memory);
    core.world.opened(this);
  }

  /// Joins the world that the launcher describes in the environment and waits for all its ranks.
  ///
  /// @throws IllegalArgumentException if the environment is incomplete or malformed; without any
  ///   launcher the world has one rank
  /// @throws TimeoutException if ranks are missing when the join timeout ends; names them
  /// @throws AuthenticationException if the rendezvous does not accept this rank's secret
  /// @throws TuttiException if the world cannot be formed
  public static Communicator join() {
    return join(CommunicatorConfig.fromEnvironment());
  }

  /// Joins a world; see [#join()].
  public static Communicator join(CommunicatorConfig config) {
    FlightEvents.Join event = FlightEvents.join();
    try {
      Communicator world = WorldJoin.join(config);
      event.joined(world.rank(), world.size(), world.transport());
      return world;
    } catch (RuntimeException | Error e) {
      event.failed(String.valueOf(e));
      throw e;
    }
  }

  /// Returns this rank, from 0.
  public int rank() {
    return core.index;
  }

  /// Returns the number of ranks.
  public int size() {
    return core.size;
  }

  /// Returns how the ranks of the world communicate: `shm`, `inproc`, `tcp`, or `shm+tcp`.
  public String transport() {
    return core.world.transport();
  }

  // Registered memory

  /// Allocates zeroed memory that the other ranks of this host can read and write in place.
  ///
  /// The segment is at least 4 KiB-aligned and lives until [#free] or until the communicator
  /// closes; using it later throws `IllegalStateException`. Not collective; any thread may call it.
  ///
  /// @param bytes size, at least 0
  /// @throws OutOfMemoryError if the shared region is exhausted
  public MemorySegment allocate(long bytes) {
    queue.checkOpen();
    return memory.allocate(bytes);
  }

  /// Frees memory that [#allocate] returned. No operation may be using it, on any rank.
  ///
  /// @throws IllegalArgumentException if it did not come from this communicator's `allocate`
  public void free(MemorySegment segment) {
    memory.free(segment);
  }

  // Point to point

  /// Sends `count` elements to a peer, which must receive as many of the same type; returns when
  /// the buffer may be reused. Messages between two ranks arrive in order. A large message may wait
  /// for its receiver.
  public void send(MemorySegment buffer, long count, DataType type, int peer) {
    messages.send(buffer, count, type, peer);
  }

  /// Receives `count` elements from a peer; returns when they are there.
  ///
  /// @throws MismatchException if the peer sent another count or type
  public void receive(MemorySegment buffer, long count, DataType type, int peer) {
    messages.receive(buffer, count, type, peer);
  }

  /// Returns an empty group of messages, to be filled and run: they are sent and received all at
  /// once, in whatever order they were added.
  public MessageGroup group() {
    queue.checkOpen();
    return new MessageGroup(core, queue, memory);
  }

  // Measuring

  /// Measures what the ranks can send each other: latency and rate of every pair on a host, and
  /// between the hosts with one rank of each; finds out which hosts share what. Collective; every
  /// rank returns an equal profile. Takes a fifth of a second for eight ranks on two cores
  /// ([ProbeDepth#QUICK], rough between hosts) or some seconds ([ProbeDepth#DEEP]).
  ///
  /// @throws RankFailedException if a rank dies meanwhile
  public Profile probe(ProbeDepth depth) {
    Profile profile = whileIdle(() -> WorldProbe.run(this, core, ProbeEffort.of(depth)));
    return depth == ProbeDepth.DEEP ? MessageProbe.add(this, profile) : profile;
  }

  /// Returns a thorough profile ([ProbeDepth#DEEP]) that is kept in a folder under the fingerprint
  /// of the world: the one that is there if a quick measurement shows that it still holds,
  /// otherwise a new one, which is left there. Collective; rank 0 alone reads and writes. A file
  /// that cannot be read or written is logged and done without.
  ///
  /// @param folder made if it is not there
  /// @throws RankFailedException if a rank dies meanwhile
  public Profile probe(Path folder) {
    return whileIdle(() -> CachedProbe.run(this, core, folder));
  }

  /// Returns the hosts of all ranks with what is in them and what joins them, as far as it can be
  /// seen: processors, NUMA domains, PCI Express, devices, NICs. Collective; every rank returns an
  /// equal topology, with each rank on the NUMA domain that it runs in. Takes some 50 ms.
  ///
  /// @throws RankFailedException if a rank dies meanwhile
  public Topology topology() {
    return whileIdle(() -> WorldTopology.gather(this, core));
  }

  private <T> T whileIdle(Supplier<T> action) {
    queue.checkOpen();
    queue.awaitIdle();
    return core.guarded(action);
  }

  // Sub-communicators

  /// Makes a communicator of the ranks that pass the same `color`, ordered by `key`, then by rank.
  /// Collective over this communicator. The new one is independent of this one.
  ///
  /// @param color at least 0
  public Communicator split(int color, int key) {
    return new Communicator(
        ColorSplit.split(core, operations, color, key, core.world.config().algorithm()));
  }

  /// Makes a communicator of the same ranks that uses one algorithm wherever that supports the
  /// collective, whatever the option `algorithm` says. Collective over this communicator; every
  /// rank must name the same.
  ///
  /// @param algorithm as the option `algorithm`: a name, or `file:PATH`
  /// @throws IllegalArgumentException if there is no such algorithm
  public Communicator withAlgorithm(String algorithm) {
    return new Communicator(ColorSplit.split(core, operations, 0, core.index, algorithm));
  }

  /// Makes a communicator of the ranks on this host, in rank order.
  public Communicator byHost() {
    return split(core.world.hostOf(core.members[core.index]), core.index);
  }

  // Failure and growth

  /// Makes the communicator of those ranks that live, after a failure or just so, waiting for them
  /// at most as long as an operation may wait; see [#shrink(Duration)].
  public Communicator shrink() {
    long nanos = core.world.config().operationTimeoutNanos();
    return shrink(nanos == 0 ? FOR_EVER : Duration.ofNanos(nanos));
  }

  /// Makes the communicator of those ranks that live, in the order they have here.
  ///
  /// Collective over the living ranks; those that die before it is decided are left out. All that
  /// return have the same members. It takes the place of this communicator: [#allocate]d memory
  /// belongs to the new one, and if this was the world's communicator the new one is; this one can
  /// only be closed. The results of operations that failed are undefined, and ranks may have come
  /// to different operations: agree on where to go on.
  ///
  /// @param timeout how long to wait for ranks that live and have not called this
  /// @throws TimeoutException if such ranks are missing; names them; may be called again
  /// @throws TuttiException if the other ranks have declared this one dead
  public Communicator shrink(Duration timeout) {
    queue.checkOpen();
    core.replace("shrink");
    queue.awaitIdle();
    try {
      return replacedBy(new Communicator(Survivors.shrink(core, timeout)));
    } catch (RendezvousException e) {
      throw core.translate(e);
    }
  }

  /// Makes the communicator of these ranks and of processes that wait to join them: those that call
  /// [#join()] with the option `joinRunning`. Newcomers get the ranks from `size()` on.
  ///
  /// Collective. The new communicator takes the place of this one, as with [#shrink(Duration)]; if
  /// this throws, this one remains in use. Ranks that die on the way are left out.
  ///
  /// @param newcomers how many to wait for, 1 to 1024
  /// @param timeout how long
  /// @throws TimeoutException if not enough processes came, or a rank has not called this
  /// @throws MismatchException if a newcomer is configured differently or cannot be reached; on
  ///   every rank
  /// @throws IllegalStateException if the ranks are threads
  public Communicator grow(int newcomers, Duration timeout) {
    queue.checkOpen();
    core.checkUsable();
    queue.awaitIdle();
    core.checkUsable();
    try {
      Communicator result = WorldJoin.measured(WorldGrowth.grow(core, newcomers, timeout));
      core.replace("grow");
      core.settle();
      return replacedBy(result);
    } catch (RendezvousException e) {
      throw core.translate(e);
    }
  }

  private Communicator replacedBy(Communicator other) {
    other.ownsWorld = ownsWorld;
    ownsWorld = false;
    other.memory.adopt(memory);
    return other;
  }

  /// Makes this the communicator whose end is that of the world; returns it.
  Communicator owningWorld() {
    ownsWorld = true;
    return this;
  }

  /// Returns where a process asks to join this world: what its option `joinRunning` is to be; null
  /// if nobody can.
  public @Nullable URI rendezvous() {
    return core.world.control().rendezvous();
  }

  // End

  /// Makes every rank of this communicator stop: operations that run or wait, on any rank, throw
  /// [AbortedException], and so do later ones. Other communicators go on; [#shrink] makes a new one
  /// of the same ranks. May be called from any thread.
  public void abort(String reason) {
    core.abort("rank " + core.index + " aborted: " + reason);
  }

  /// Throws if this communicator can no longer be used: an operation has failed, a rank has died,
  /// or one has called [#abort]. Does not communicate and does not wait; for who waits for
  /// something else that needs the other ranks. May be called from any thread.
  ///
  /// @throws TuttiException the reason; operations throw it, too
  public void check() {
    queue.checkOpen();
    core.checkStatus();
  }

  /// Says that this rank, a thread, is dead.
  void die(String cause) {
    if (core.world.control() instanceof ThreadsControl threads) {
      threads.fail(cause);
    }
  }

  /// Returns whether this rank has closed it.
  boolean isClosed() {
    return queue.isClosed();
  }

  /// Ends this rank's part: waits for its queued operations and frees its memory; the world's
  /// communicator closes all others, too, and leaves the world. Idempotent. Not collective, but the
  /// other ranks cannot complete an operation that this rank has not entered.
  @Override
  public void close() {
    if (!queue.close()) {
      return;
    }
    core.closing();
    memory.close(core.world.status().isUnsettled());
    core.close();
    core.world.closed(this);
    if (ownsWorld) {
      core.world.leave();
    }
  }

  /// Returns what was planned for a collective, best first, one line per algorithm; for people.
  ///
  /// @param collective its name, for example `all-reduce`
  /// @param vectorBytes size of the larger buffer of a rank
  public List<String> explain(String collective, long vectorBytes) {
    Collective kind = Collective.named(collective);
    if (kind == null) {
      throw new IllegalArgumentException("unknown collective " + collective);
    }
    long ofAll = kind.vectorBytes(vectorBytes, core.size);
    List<Plan> ranking = core.planner().ranking(kind, ofAll, 0);
    Plan late = ranking.isEmpty() ? null : core.latePlan(ranking.getFirst(), ofAll);
    Stream<String> lines = ranking.stream().map(Communicator::explain);
    return late == null
        ? lines.toList()
        : Stream.concat(lines, Stream.of(explain(late) + " if one rank is late")).toList();
  }

  private static String explain(Plan plan) {
    return String.format(
        "%-20s %10.2f us predicted, %s",
        plan.algorithm(), plan.predictedSeconds() * 1e6, plan.form());
  }

  /// Writes what this rank did lately, and what it waits for, to a JSON file for `tutti analyze`.
  ///
  /// Not collective. May be called from any thread, also while an operation runs or after one has
  /// failed, until the communicator is closed.
  ///
  /// @param target the file, or a directory, in which the file gets a name of its own
  /// @return the file
  /// @throws IOException if it cannot be written
  /// @throws IllegalStateException if the communicator is closed, or nothing is recorded because
  ///   the option `recorderOperations` is 0
  public Path dump(Path target) throws IOException {
    return core.dump(target);
  }

  /// All-reduces float32 and carries what the option `wire` loses over to the next time.
  ///
  /// @param residue what was lost before, `count` float32, zero at first
  void allReduceCarrying(
      MemorySegment send, MemorySegment receive, long count, ReduceOp op, MemorySegment residue) {
    queue.run(
        operations
            .allReduce(send, receive, count, DataType.FLOAT32, op, 1)
            .carrying(residue.address()));
  }

  @Override
  public String toString() {
    return "rank " + rank() + " of " + size() + " over " + transport();
  }
}
